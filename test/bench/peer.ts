/** Runs a peer's Python beside ours on the same table, where one is installed; says so where not. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Null, with the reason on standard output, when no Python here imports the modules. */
export function findPython(...modules: string[]): string | null {
  for (const path of [process.env['LIMBECK_PYTHON'], 'python3'])
    if (path !== undefined && imports(path, modules)) return path;
  say(`No Python with ${modules.join(', ')} (set LIMBECK_PYTHON): running without peers.`);
  return null;
}

function imports(python: string, modules: string[]): boolean {
  try {
    execFileSync(python, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' });
    return true;
  } catch (error) {
    return error === undefined; // not installed, or without a module
  }
}

/**
 * @param program finds the path of the raw float32 table in sys.argv[1], the rest of the arguments after it; prints JSON
 */
export function askPeer<T>(python: string, program: string, table: Float32Array, ...rest: string[]): T {
  const folder = mkdtempSync(join(tmpdir(), 'limbeck-bench-'));
  try {
    const path = join(folder, 'table.f32');
    writeFileSync(path, table);
    const output = execFileSync(python, ['-c', program, path, ...rest], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    return JSON.parse(output.trim().split('\n').at(-1)!) as T;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The median of figures. */
export function middle(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1]!;
}

export async function median(runs: number, work: () => unknown): Promise<number> {
  const seconds: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    await work();
    seconds.push((performance.now() - start) / 1000);
  }
  return middle(seconds);
}

/** Sizes from the command line; `20000 100000` when none. */
export function sizes(): number[] {
  const asked = process.argv
    .slice(2)
    .map(Number)
    .filter((n) => n > 0);
  return asked.length > 0 ? asked : [20_000, 100_000];
}
