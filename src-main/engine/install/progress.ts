/** Tells how an installation goes on, as events of a job: for the window and the terminal alike. */
import type { JobEvent } from '#shared/jobs.ts';

export type OnProgress = (event: JobEvent) => void;
export type Note = (text: string, level?: 'info' | 'ok' | 'warning') => void;

export function noteTo(onProgress: OnProgress): Note {
  return (text, level = 'info') => onProgress({ type: 'note', level, text });
}

/** For counts of bytes so far; told once per megabyte. */
export function bytesProgress(onProgress: OnProgress, total: number): (bytes: number) => void {
  let shown = -1;
  return (bytes) => {
    const megabytes = Math.floor(bytes / 1e6);
    if (megabytes === shown) return;
    shown = megabytes;
    onProgress({ type: 'progress', done: megabytes, total: Math.ceil(total / 1e6), unit: 'MB' });
  };
}
