/** Finds a Python that can import a module, for tests beside the published implementation. */
import { execFileSync } from 'node:child_process';

const candidates = [process.env['LIMBECK_PYTHON'], 'python3'].filter((path) => path !== undefined);

/** Null when no Python here imports all the modules. */
export function pythonWith(...modules: string[]): string | null {
  const program = `import ${modules.join(', ')}`;
  return (
    candidates.find((path) => {
      try {
        execFileSync(path, ['-c', program], { stdio: 'ignore' });
        return true;
      } catch (error) {
        return error === undefined; // not found or not importable: try the next
      }
    }) ?? null
  );
}

/** Runs a program with JSON on standard input; returns the JSON it prints. */
export function runPython<T>(python: string, program: string, input: unknown): T {
  const output = execFileSync(python, ['-c', program], {
    input: JSON.stringify(input),
    maxBuffer: 1 << 28,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return JSON.parse(output) as T;
}
