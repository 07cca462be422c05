/** BIDS side files: `events.tsv` beside a recording, `participants.tsv` of a data set, entities in file names. */
import { AppError } from '#shared/errors.ts';
import { parseDelimited } from './delimited.ts';
import type { LabelProblem, LabelRow, LabelTable } from './table.ts';

/**
 * Reads `events.tsv`: onset and duration in seconds, label from `trial_type`, else `value`.
 *
 * @param recording the file the events belong to, as {@link matchLabels} will look it up
 * @throws AppError 'invalid-input' without the columns that BIDS demands
 */
export function parseBidsEvents(text: string, recording: string): LabelTable {
  const { columns, rows } = readTsv(text, ['onset', 'duration'], 'events.tsv');
  const labelColumn = ['trial_type', 'value'].find((name) => columns.includes(name));
  if (!labelColumn)
    throw new AppError(
      'invalid-input',
      'events.tsv names neither "trial_type" nor "value"; add the column that says what happened.',
    );
  const { subject, session } = bidsEntities(recording);
  const problems: LabelProblem[] = [];
  const spans = rows.flatMap(({ line, cell }, i): LabelRow[] => {
    const onset = Number(cell('onset') || NaN);
    const duration = Number(cell('duration') || NaN);
    const label = cell(labelColumn);
    const message = !(onset >= 0)
      ? `has the onset "${cell('onset')}"`
      : !(duration > 0)
        ? `lasts "${cell('duration')}", so it spans nothing`
        : label === '' || label === 'n/a'
          ? 'has no label'
          : null;
    if (message !== null) {
      problems.push({ line, message: `Line ${line} of events.tsv ${message}; it labels nothing.` });
      return [];
    }
    const span = { line, recording, startS: onset, endS: onset + duration, label, trial: String(i + 1) };
    return [{ ...span, ...(subject ? { subject } : {}), ...(session ? { session } : {}) }];
  });
  return { rows: spans, problems };
}

/** Participant → the other columns, 'n/a' left out. @throws AppError 'invalid-input' */
export function parseParticipants(text: string): Map<string, Record<string, string>> {
  const { columns, rows } = readTsv(text, ['participant_id'], 'participants.tsv');
  return new Map(
    rows.map(({ cell }) => [
      cell('participant_id').replace(/^sub-/, ''),
      Object.fromEntries(
        columns
          .filter((name) => name !== 'participant_id' && !['', 'n/a'].includes(cell(name)))
          .map((name) => [name, cell(name)]),
      ),
    ]),
  );
}

/** What a BIDS name says: 'sub-01/ses-2/eeg/sub-01_ses-2_task-rest_eeg.edf' → subject '01', session '2', task 'rest'. */
export function bidsEntities(path: string): {
  subject?: string;
  session?: string;
  task?: string;
  run?: string;
} {
  const find = (key: string) => new RegExp(`(?:^|[/_])${key}-([a-zA-Z0-9]+)(?=[/_.]|$)`).exec(path)?.[1];
  const named = { subject: find('sub'), session: find('ses'), task: find('task'), run: find('run') };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

/** The events file that belongs to a recording, by BIDS' naming: '…_eeg.edf' → '…_events.tsv'. */
export function bidsEventsPath(recordingPath: string): string | null {
  const match = /^(.*)_eeg\.[a-z]+$/i.exec(recordingPath);
  return match ? `${match[1]}_events.tsv` : null;
}

function readTsv(text: string, needed: readonly string[], file: string) {
  const [names, ...body] = parseDelimited(text, '\t');
  const columns = names?.cells ?? [];
  const missing = needed.filter((name) => !columns.includes(name));
  if (missing.length > 0)
    throw new AppError('invalid-input', `${file} has no column "${missing.join('", "')}"; BIDS demands it.`);
  const rows = body.map(({ line, cells }) => ({
    line,
    cell: (name: string) => cells[columns.indexOf(name)] ?? '',
  }));
  return { columns, rows };
}
