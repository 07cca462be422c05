/** Runs the real command line in a process of its own, as a shell does. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../src-main/cli.ts', import.meta.url));

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
  /** The one document of `--json`. @throws SyntaxError when stdout is anything else */
  json<T = Record<string, unknown>>(): T;
}

export interface Bench {
  /** A folder that is removed at the end. */
  readonly folder: string;
  path(...names: string[]): string;
  run(...words: string[]): Promise<Ended>;
  start(...words: string[]): { child: ChildProcess; ended: Promise<Ended> };
  remove(): void;
}

/** A folder and a command line whose settings stay inside it. */
export function openBench(environment: Record<string, string> = {}): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'limbeck-app-'));
  const start = (...words: string[]) => {
    const child = spawn(process.execPath, [program, ...words], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment, LIMBECK_SETTINGS: join(folder, 'settings') },
    });
    const ended = new Promise<Ended>((resolve, reject) => {
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
      child.on('error', reject);
      child.on('close', (status) =>
        resolve({ status, stdout, stderr, json: <T>() => JSON.parse(stdout) as T }),
      );
    });
    return { child, ended };
  };
  return {
    folder,
    path: (...names) => join(folder, ...names),
    run: (...words) => start(...words).ended,
    start,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface Refused {
  error: { code: string; message: string; details: Record<string, unknown> };
}
