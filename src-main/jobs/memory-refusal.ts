/** What engines and V8 throw when memory is used up, in words with a remedy. */
import { AppError } from '#shared/errors.ts';
import type { JobKind } from '#shared/jobs.ts';

const remedies: Record<JobKind, string> = {
  sample: 'Close other programs',
  import: 'Add fewer files at a time',
  prepare: 'Choose fewer threads with --workers',
  distill: 'Choose the preset demo, or prepare shorter segments',
  pretrain: 'Choose a smaller batch with --batch',
  finetune: 'Choose a smaller batch with --batch',
  calibrate: 'Prepare shorter segments or fewer sites',
  export: 'Export a smaller share with --keep',
};

/** Words of a process that V8 ended for want of memory, on its error stream. */
const heapUsedUp = /heap out of memory|Allocation failed|OOM error/i;

/** The refusal when `error` says that memory is used up; null for anything else. */
export function memoryRefusal(error: unknown, kind: JobKind): AppError | null {
  if (!(error instanceof Error) || error instanceof AppError) return null;
  const { message } = error;
  const isUsedUp =
    // Emscripten aborts where it cannot grow, and its kernels write out of bounds where they were given no place.
    (error instanceof WebAssembly.RuntimeError && /out of bounds|^Aborted\(/.test(message)) ||
    (error instanceof RangeError && /allocation failed|typed array length: \d{9}/i.test(message)) ||
    /^Out of memory|Cannot enlarge memory|OOM when allocating/i.test(message);
  return isUsedUp ? usedUp(kind, message, error) : null;
}

/** The refusal when a process ended with these words; null when they speak of something else. */
export function lastWordsRefusal(lastWords: string, kind: JobKind): AppError | null {
  return heapUsedUp.test(lastWords) ? usedUp(kind, lastWords) : null;
}

function usedUp(kind: JobKind, words: string, cause?: Error): AppError {
  return new AppError(
    'engine-failed',
    `This ${kind} needs more memory than the engine has; wasm and cpu hold at most 4 GB. ${remedies[kind]} and start it again; what was finished before is safe.`,
    { cause, details: { words } },
  );
}
