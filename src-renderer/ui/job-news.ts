/** What a job's change is in one sentence for those who hear the screen: phases and endings, never every step. */
import type { JobRecord } from '#shared/jobs.ts';
import { statusWords } from '../job-words.ts';

type Told = Pick<JobRecord, 'title' | 'status' | 'phase' | 'phases' | 'error'>;

/** @param before the same job when it was told last; null at first. @returns null when nothing changed that is worth a sentence */
export function jobNews(before: Told | null, now: Told): string | null {
  const { title, status, phases, phase, error } = now;
  // The names of the phases come a moment after the start.
  if (before?.status === status && before.phases[before.phase] === phases[phase]) return null;
  if (status === 'queued') return `${title}: waiting its turn.`;
  if (status === 'running') {
    const name = phases[phase];
    return name === undefined ? null : `${title}: ${name}, phase ${phase + 1} of ${phases.length}.`;
  }
  if (before?.status === status) return null;
  return `${title}: ${statusWords[status].text}.${error ? ` ${error.message}` : ''}`;
}
