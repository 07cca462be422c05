/** What a repaired copy changes, in words. */
import { isMendable, type Mend } from '#shared/eeg/repair.ts';
import type { RecordingRow } from '#shared/views.ts';
import { count, plural } from '../words.ts';

/** Findings of a recording that a copy can put right; none where the file cannot be read now. */
export function mendableFindings(
  row: Pick<RecordingRow, 'format' | 'status' | 'findings'>,
): RecordingRow['findings'] {
  if (row.status === 'missing' || row.status === 'unusable') return [];
  return row.findings.filter(({ code }) => isMendable(code, row.format));
}

const names: Record<string, string> = {
  'version-odd': 'Version of the format',
  'header-size-wrong': 'Length of the header',
  'gaps-in-continuous-file': 'Kind of file: with gaps',
  'annotation-signal-missing': 'Kind of file: without annotations',
  'record-count-wrong': 'Number of records',
  'decimal-comma': 'Decimal point',
  'header-padding': 'Padding after the header',
  'bytes-after-last-record': 'Bytes after the last whole record',
};

export interface MendWords {
  name: string;
  /** 'Bytes 236 to 243'. */
  where: string;
  /** Null where bytes are left out. */
  change: { before: string; after: string } | null;
  /** '2,680 bytes are left out'. */
  omitted: string;
}

export function mendWords({ code, bytes: [first, last], before, after }: Mend): MendWords {
  const leftOut = code === 'header-padding' || code === 'bytes-after-last-record';
  return {
    name: names[code] ?? code,
    where: first === last ? `Byte ${count(first)}` : `Bytes ${count(first)} to ${count(last)}`,
    change: leftOut ? null : { before, after },
    omitted: leftOut ? `${plural(last - first + 1, 'byte')} left out` : '',
  };
}
