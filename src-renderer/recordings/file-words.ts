/** How files came through an import, in words. */
import type { FileVerdict } from '#shared/eeg/imported.ts';
import type { JobRecord } from '#shared/jobs.ts';
import { count, duration, plural } from '../words.ts';
import { codeWords } from './recording-words.ts';

export const verdicts = ['opened', 'findings', 'refused', 'twice', 'known'] as const;
export type Verdict = FileVerdict['verdict'];

export const verdictWords: Record<Verdict, string> = {
  opened: 'Opened',
  findings: 'Opened with findings',
  refused: 'Refused',
  twice: 'Same file twice',
  known: 'There already',
};

/** 'EDF+C, 21 channels, 20 min'. */
export function recognised({ format, channels, durationS }: FileVerdict): string {
  return [format, channels > 0 ? plural(channels, 'channel') : '', durationS > 0 ? duration(durationS) : '']
    .filter(Boolean)
    .join(', ');
}

/** Why it came through as it did: the findings by name, else what is said of it. */
export function whyWords({ verdict, codes, reason }: FileVerdict): string {
  if (verdict !== 'findings') return reason;
  const [first, ...more] = codes;
  const named = first ? codeWords(first) : '';
  return more.length > 0 ? `${named} and ${count(more.length)} more. ${reason}` : `${named}. ${reason}`;
}

/** 'Found 301 files, read 112: 109 opened, 3 refused.' */
export function soFar(files: readonly FileVerdict[], job: Pick<JobRecord, 'progress'> | null): string {
  const total = job?.progress?.unit === 'files' ? job.progress.total : null;
  const parts = verdicts.flatMap((verdict) => {
    const number = files.filter((file) => file.verdict === verdict).length;
    return number > 0 ? [`${count(number)} ${verdictWords[verdict].toLowerCase()}`] : [];
  });
  const read = total === null ? plural(files.length, 'file') : count(files.length);
  return `${total === null ? 'Read' : `Found ${plural(total, 'file')}, read`} ${read}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}.`;
}
