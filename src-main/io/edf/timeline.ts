/** When each data record of an EDF file was recorded: runs of records without a gap between them. */
import type { Finding, Span } from '#shared/eeg/recording.ts';
import { finding, timeText } from '../finding.ts';
import type { EdfHeader } from './header.ts';

/** Consecutive records without a gap. `startS` counts from the first record's start. */
export interface Run {
  firstRecord: number;
  records: number;
  startS: number;
}

export interface Timeline {
  runs: Run[];
  /** The first record's onset after the header's clock. */
  firstOnsetS: number;
}

/**
 * Finds the gaps by halving: where the onsets of two records differ by exactly the records between them, nothing can be
 * missing there, so a file without gaps costs two small reads and each gap about log₂(records) more.
 *
 * @param onset of a record, seconds after the header's clock; null when it cannot be read
 */
export function readTimeline(header: EdfHeader, onset: (record: number) => number | null): Timeline {
  const { records, recordS, findings } = header;
  const keepsTime = header.signals.some((signal) => signal.annotations);
  const first = keepsTime && records > 0 ? onset(0) : 0;
  const onlyRun = {
    runs: records > 0 ? [{ firstRecord: 0, records, startS: 0 }] : [],
    firstOnsetS: first ?? 0,
  };
  if (!keepsTime && header.plus !== '')
    findings.push(
      finding(
        'annotation-signal-missing',
        'warning',
        `Header byte 192: "${header.bdf ? 'BDF' : 'EDF'}+${header.plus}"`,
        'The file says EDF+ but has no annotation signal, so gaps and events are unknown.',
        'It is read as plain EDF without gaps.',
      ),
    );
  if (!keepsTime || records < 2 || recordS === 0) return onlyRun;
  if (first === null) {
    findings.push(
      finding(
        'record-time-missing',
        header.plus === 'D' ? 'error' : 'info',
        'Record 1',
        'The records carry no time of their own.',
        'The file is read as one stretch without gaps.',
      ),
    );
    return onlyRun;
  }
  const breaks = findBreaks(records, recordS, tolerance(header), onset);
  return { runs: toRuns(header, breaks, first, findings), firstOnsetS: first };
}

/** Half a sample of the fastest channel: less than that moves no sample. */
export function tolerance(header: EdfHeader): number {
  const fastest = Math.max(...header.signals.map((s) => (s.annotations ? 1 : s.samplesPerRecord)));
  return Math.max(header.recordS / fastest / 2, 2e-6);
}

interface Break {
  record: number;
  onsetS: number;
}

/** Records before which time does not simply go on. Unreadable onsets count as going on. */
function findBreaks(
  records: number,
  recordS: number,
  slackS: number,
  onset: (record: number) => number | null,
): Break[] {
  const known = new Map<number, number>();
  const at = (record: number, fallback: number) => {
    const value = known.get(record) ?? onset(record) ?? fallback;
    known.set(record, value);
    return value;
  };
  const breaks: Break[] = [];
  const stack: [number, number][] = [[0, records - 1]];
  while (stack.length > 0) {
    const [from, to] = stack.pop()!;
    if (from >= to) continue;
    const fromS = at(from, 0);
    const expected = fromS + (to - from) * recordS;
    const toS = at(to, expected);
    if (Math.abs(toS - expected) <= slackS) continue;
    if (to - from === 1) {
      breaks.push({ record: to, onsetS: toS });
      continue;
    }
    const middle = (from + to) >> 1;
    at(middle, fromS + (middle - from) * recordS);
    stack.push([middle, to], [from, middle]);
  }
  return breaks;
}

/** Time that runs backwards ends the usable part: what follows has no sure place. */
function toRuns(header: EdfHeader, breaks: readonly Break[], firstS: number, findings: Finding[]): Run[] {
  const { recordS } = header;
  const runs: Run[] = [{ firstRecord: 0, records: header.records, startS: 0 }];
  let missingS = 0;
  for (const { record, onsetS } of breaks) {
    const last = runs.at(-1)!;
    last.records = record - last.firstRecord;
    const endS = last.startS + last.records * recordS;
    const startS = onsetS - firstS;
    if (startS < endS) {
      findings.push(
        finding(
          'time-runs-backwards',
          'error',
          `${timeText(endS)}, record ${record + 1}`,
          `Record ${record + 1} says it starts at ${timeText(Math.max(0, startS))}, before the one ahead of it ends.`,
          `Only the part before it is used; ${header.records - record} records are left out.`,
        ),
      );
      header.records = record;
      break;
    }
    missingS += startS - endS;
    runs.push({ firstRecord: record, records: header.records - record, startS });
  }
  if (runs.length > 1)
    findings.push(
      header.plus === 'D'
        ? finding(
            'gaps',
            'info',
            gapPlaces(runs, recordS),
            `The recording has ${runs.length - 1} gap${runs.length > 2 ? 's' : ''}, ${timeText(missingS)} in all.`,
            'Windows never reach across a gap.',
          )
        : finding(
            'gaps-in-continuous-file',
            'warning',
            gapPlaces(runs, recordS),
            `The file calls itself continuous, yet ${runs.length - 1} gap${runs.length > 2 ? 's' : ''} of ${timeText(missingS)} in all lie between its records.`,
            'The times of the records are believed; other programs may show later parts too early.',
          ),
    );
  return runs;
}

function gapPlaces(runs: readonly Run[], recordS: number): string {
  const places = runs
    .slice(1, 4)
    .map(
      ({ startS }, i) => `${timeText(runs[i]!.startS + runs[i]!.records * recordS)} – ${timeText(startS)}`,
    );
  return places.join(', ') + (runs.length > 4 ? ` and ${runs.length - 4} more` : '');
}

export function spansOf(runs: readonly Run[], recordS: number): Span[] {
  return runs.map(({ startS, records }) => ({ startS, endS: startS + records * recordS }));
}
