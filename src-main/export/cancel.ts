/** Gives up between two pieces of work when asked to. */
import { AppError } from '#shared/errors.ts';
import type { Progress } from '#shared/jobs.ts';

/** @throws AppError 'cancelled'; an export has nothing worth keeping half-way, so stop and keep ends it as well */
export function throwIfCancelled(progress: Progress): void {
  if (progress.signal.aborted || progress.stopRequested())
    throw new AppError(
      'cancelled',
      'The export was stopped and what was written is removed; start it again at any time.',
    );
}
