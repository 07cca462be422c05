/** What is said about recordings: which filter lets them through, their findings in a word, their headline. */
import type { Finding } from '#shared/eeg/recording.ts';
import type { GroupView, RecordingRow } from '#shared/views.ts';
import { count, figure, hours, plural } from '../words.ts';

export const states = ['all', 'findings', 'confirm', 'twice', 'unlabelled', 'unusable', 'missing'] as const;
export type State = (typeof states)[number];

export const stateWords: Record<State, string> = {
  all: 'All',
  findings: 'Findings',
  confirm: 'To confirm',
  twice: 'Same file twice',
  unlabelled: 'No labels',
  unusable: 'Cannot be used',
  missing: 'Not at its place',
};

export function isState(text: string | null): text is State {
  return text !== null && (states as readonly string[]).includes(text);
}

export function inState(row: RecordingRow, state: State): boolean {
  switch (state) {
    case 'all':
      return true;
    case 'findings':
      return row.findings.some(({ severity }) => severity !== 'info');
    case 'confirm':
      return row.questions > 0;
    case 'twice':
      return row.duplicateOf !== null && row.status !== 'unusable';
    case 'unlabelled':
      return row.labels === 0 && row.status !== 'unusable';
    case 'unusable':
      return row.status === 'unusable';
    case 'missing':
      return row.status === 'missing';
  }
}

/** File, subject, group, format, and the words of its findings. */
export function matches(row: RecordingRow, query: string): boolean {
  const text = [
    row.file,
    row.subject,
    row.group,
    row.format,
    ...row.findings.flatMap(({ code, where, effect }) => [codeWords(code), where, effect]),
  ]
    .join(' ')
    .toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** The subject without the group's name before it. */
export function subjectName(row: Pick<RecordingRow, 'subject' | 'group'>): string {
  return row.subject.startsWith(`${row.group}/`) ? row.subject.slice(row.group.length + 1) : row.subject;
}

/** 'record-count-missing' as 'Record count missing'. */
export function codeWords(code: string): string {
  const text = code.replaceAll('-', ' ').replace(/\b(eeg|edf|bdf|csv)\b/g, (name) => name.toUpperCase());
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Columns between two judged ones belong to the earlier; only longer holes are gaps. Lengths as given. */
export function spreadQuality(quality: readonly (number | null)[]): (number | null)[] {
  const judged = quality.flatMap((value, i) => (value === null ? [] : [i]));
  const steps = judged
    .slice(1)
    .map((at, i) => at - judged[i]!)
    .sort((a, b) => a - b);
  const usual = (steps[Math.floor(steps.length / 2)] ?? 1) + 1;
  let last = -Infinity;
  return quality.map((value, i) => {
    if (value !== null) last = i;
    return value ?? (i - last < usual ? quality[last]! : null);
  });
}

const weight = { error: 0, warning: 1, info: 2 } as const;

export function worstFirst(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => weight[a.severity] - weight[b.severity]);
}

/** The table's cell: the worst finding, and how many more. */
export function findingCell(
  row: RecordingRow,
  isRepairedCopy = false,
): { level: Finding['severity'] | 'none'; text: string } {
  // Of a file that cannot be used, why comes first.
  if (row.duplicateOf !== null && row.status !== 'unusable')
    return { level: 'info', text: isRepairedCopy ? 'Repaired copy' : 'Same content as another file' };
  const sorted = worstFirst(row.findings);
  const first = sorted[0];
  if (!first) return { level: 'none', text: 'None' };
  const more = sorted.length - 1;
  return {
    level: first.severity,
    text: more > 0 ? `${codeWords(first.code)}, ${count(more)} more` : codeWords(first.code),
  };
}

/** '301 recordings of 178 subjects, 556.5 hours, in 4 groups.' */
export function headline(rows: readonly RecordingRow[], groups: readonly GroupView[]): string {
  const used = rows.filter(({ status, duplicateOf }) => status !== 'unusable' && duplicateOf === null);
  const total = used.reduce((sum, { durationS }) => sum + durationS, 0) / 3600;
  const subjects = new Set(used.map(({ group, subject }) => `${group}/${subject}`)).size;
  return `${plural(rows.length, 'recording')} of ${plural(subjects, 'subject')}, ${hours(total)}, in ${plural(groups.length, 'group')}. Files stay where they are and are never changed.`;
}

/** '256 Hz', '256 and 1 Hz', '5 rates'. */
export function rateWords(rates: readonly number[]): string {
  const sorted = [...rates].sort((a, b) => b - a);
  if (sorted.length === 0) return '';
  return sorted.length === 1
    ? `${figure(sorted[0]!, 4)} Hz`
    : `${figure(sorted[0]!, 4)} Hz +${sorted.length - 1}`;
}

/** '21 sites, 256 Hz, 3 labels'. */
export function groupFacts(group: GroupView): string {
  const labels = Object.keys(group.labels).length;
  return [
    plural(group.sites.length, 'site'),
    rateWords(group.sfreqHz),
    labels > 0 ? plural(labels, 'label') : 'no labels',
  ]
    .filter(Boolean)
    .join(', ');
}
