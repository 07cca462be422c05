/** Finds the recording that each row of a label table means; what means none or several is reported. */
import type { LabelSpan } from '#shared/eeg/segment.ts';
import type { LabelProblem, LabelRow } from './table.ts';

/** A recording as labels may name it. */
export interface NamedRecording {
  /** What spans refer to afterwards. */
  id: string;
  /** Path below the imported folder, with '/'. */
  relativePath: string;
  /** Seconds; a span that starts after it matches nothing. */
  durationS: number;
}

export interface MatchedLabels {
  spans: LabelSpan[];
  unmatched: LabelProblem[];
}

/**
 * `recording` may be the path below the imported folder, the file's name, or either without extension; upper and lower case
 * count only when they decide. An open end becomes the end of the recording, a later one is cut to it.
 */
export function matchLabels(rows: readonly LabelRow[], recordings: readonly NamedRecording[]): MatchedLabels {
  const index = indexNames(recordings);
  const result: MatchedLabels = { spans: [], unmatched: [] };
  for (const { line, ...span } of rows) {
    const found = lookUp(index, span.recording);
    const [one, ...more] = found;
    const message =
      one === undefined
        ? `no recording is called "${span.recording}"; check the name.`
        : more.length > 0
          ? `"${span.recording}" is the name of ${found.length} recordings (${found.map(({ relativePath }) => relativePath).join(', ')}); write the path.`
          : span.startS >= one.durationS
            ? `starts at ${span.startS} s, but "${span.recording}" ends at ${one.durationS} s.`
            : null;
    if (message !== null || one === undefined)
      result.unmatched.push({ line, message: `Line ${line}: ${message}` });
    else
      result.spans.push({
        ...span,
        recording: one.id,
        endS: Math.min(span.endS ?? one.durationS, one.durationS),
      });
  }
  return result;
}

type Index = Map<string, NamedRecording[]>[];

/** From the surest way of naming to the least sure. */
const namings: readonly ((path: string) => string)[] = [
  (path) => path,
  (path) => baseName(path),
  (path) => stem(path),
  (path) => stem(baseName(path)),
  (path) => path.toLowerCase(),
  (path) => baseName(path).toLowerCase(),
  (path) => stem(baseName(path)).toLowerCase(),
];

function indexNames(recordings: readonly NamedRecording[]): Index {
  return namings.map((name) => {
    const map = new Map<string, NamedRecording[]>();
    for (const recording of recordings) {
      const key = name(recording.relativePath);
      map.set(key, [...(map.get(key) ?? []), recording]);
    }
    return map;
  });
}

function lookUp(index: Index, written: string): NamedRecording[] {
  const path = written.replaceAll('\\', '/').replace(/^\.\//, '');
  for (const [i, map] of index.entries()) {
    const found = map.get(i < 4 ? path : path.toLowerCase());
    if (found) return found;
  }
  return [];
}

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);
const stem = (path: string) => path.replace(/(\.(edf|bdf|rec|csv|txt|tsv|gz))+$/i, '');
