/** Runs another program to its end: output kept, stopped when the work is, never through a shell. */
import { spawn } from 'node:child_process';
import { AppError } from '#shared/errors.ts';

export interface Ended {
  /** Exit status; null when a signal ended it. */
  status: number | null;
  signal: string | null;
  stdout: string;
  /** The last part of what it wrote to standard error. */
  stderr: string;
}

const keptCharacters = 20_000;

/**
 * @returns undefined when there is no such program
 * @throws AppError 'cancelled' when the signal stopped it
 */
export async function runProgram(
  program: string,
  words: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; signal?: AbortSignal; deadlineMs?: number } = {},
): Promise<Ended | undefined> {
  options.signal?.throwIfAborted();
  const child = spawn(program, words, {
    env: options.env ?? process.env,
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.deadlineMs,
    windowsHide: true,
  });
  const stop = () => child.kill();
  options.signal?.addEventListener('abort', stop);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout = (stdout + chunk).slice(-keptCharacters)));
  child.stderr.on('data', (chunk) => (stderr = (stderr + chunk).slice(-keptCharacters)));
  try {
    const ended = await new Promise<Ended | undefined>((resolve, reject) => {
      child.on('error', (error: NodeJS.ErrnoException) =>
        ['ENOENT', 'EACCES'].includes(error.code ?? '') ? resolve(undefined) : reject(error),
      );
      child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
    });
    throwIfCancelled(options.signal);
    return ended;
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
}

/** Cancelling always has the same words, whatever it interrupted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw cancelled(signal.reason);
}

export function cancelled(cause?: unknown): AppError {
  return new AppError(
    'cancelled',
    'The installation was stopped. What was there before is unchanged; archives already fetched are kept for the next try.',
    { cause },
  );
}
