/** Reads every recording below the given paths once, tells how each came through, and matches a label table. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { ImportedRecording } from '#shared/eeg/imported.ts';
import { AppError } from '#shared/errors.ts';
import { findRecordings } from '#main/io/files.ts';
import { bidsEntities, parseParticipants } from '#main/io/labels/bids.ts';
import { matchLabels } from '#main/io/labels/match.ts';
import { parseLabelTable } from '#main/io/labels/table.ts';
import { formats } from '#main/io/readers.ts';
import { ImportLog } from './import-log.ts';
import type { JobContext, JobOutput } from './job.ts';
import { readOnce, withoutRecording, type FoundFile } from './read-once.ts';

export interface ImportSpec {
  paths: string[];
  /** '' takes the folder's name. */
  dataset: string;
  /** Path of a label table; '' for none. */
  labels: string;
  /** What the study has already, so that nothing is read twice. */
  known: {
    id: string;
    path: string;
    relativePath: string;
    dataset: string;
    bytes: number;
    modifiedMs: number;
    durationS: number;
    /** Fingerprint, by which the same content is noticed under another name. */
    sha256?: string;
  }[];
}

export async function importRecordings(spec: ImportSpec, context: JobContext): Promise<JobOutput> {
  context.report({
    type: 'phases',
    names: ['Look for recordings', 'Read', ...(spec.labels ? ['Match labels'] : [])],
  });
  context.report({ type: 'phase', index: 0 });
  const reading = new Reading(context);
  try {
    const { files, ignored } = await listFiles(spec, reading);
    if (Object.keys(ignored).length > 0)
      context.report({ type: 'note', level: 'info', text: passedOver(ignored) });
    context.report({ type: 'phase', index: 1 });
    await reading.readAll(files, spec.known);
    reading.flush();
    return output(reading, ignored, await readLabels(spec, reading, context));
  } finally {
    // What was read is handed over whatever ends it.
    reading.flush();
  }
}

/** The files of one import, gone through one after another. */
class Reading {
  readonly imported: ImportedRecording[] = [];
  /** Files and folders that cannot be looked into; they are no part of the study. */
  readonly unread: { path: string; reason: string }[] = [];
  /** In the study already, as they are. */
  unchanged = 0;
  /** Left when it was asked to stop. */
  notRead = 0;
  readonly #context: JobContext;
  readonly #log: ImportLog;

  constructor(context: JobContext) {
    this.#context = context;
    this.#log = new ImportLog(context);
  }

  async readAll(files: readonly FoundFile[], known: ImportSpec['known']): Promise<void> {
    const { signal } = this.#context;
    const knownAt = new Map(known.map((entry) => [entry.path, entry]));
    const first = new Map(
      known.flatMap(({ id, relativePath, sha256 }) =>
        sha256 ? [[sha256, { id, name: relativePath }] as const] : [],
      ),
    );
    for (const [done, file] of files.entries()) {
      signal.throwIfAborted();
      this.#context.report({ type: 'progress', done, total: files.length, unit: 'files' });
      const recording = await this.#readOne(file, knownAt.get(file.path));
      if (recording === 'stop') {
        this.notRead = files.length - done;
        return;
      }
      if (recording === null) continue;
      this.imported.push(recording);
      const twin = first.get(recording.sha256);
      this.#log.read(recording, twin && twin.id !== recording.id ? twin.name : null);
      first.set(recording.sha256, twin ?? { id: recording.id, name: recording.relativePath });
    }
    this.#context.report({ type: 'progress', done: files.length, total: files.length, unit: 'files' });
  }

  /** @returns null when there is nothing to add */
  async #readOne(
    file: FoundFile,
    before: ImportSpec['known'][number] | undefined,
  ): Promise<ImportedRecording | 'stop' | null> {
    if (this.#context.stopRequested()) return 'stop';
    try {
      const info = await stat(file.path);
      if (before && before.bytes === info.size && before.modifiedMs === Math.round(info.mtimeMs)) {
        this.unchanged++;
        this.#log.known(before.id, file.relativePath, info.size, before.durationS);
        return null;
      }
      return (await readOnce(file, info, before?.id, this.#context)) ?? 'stop';
    } catch (error) {
      this.#context.signal.throwIfAborted();
      const reason = AppError.from(error);
      // A fault of our own must not look like a bad file.
      if (reason.code === 'internal') throw reason;
      this.tellUnread(file.relativePath, reason);
      return null;
    }
  }

  tellUnread(path: string, { message }: AppError): void {
    this.unread.push({ path, reason: message });
    this.#log.unreadable(path, message);
  }

  flush(): void {
    this.#log.flush();
  }
}

/** 'Passed over 15 files that are no recordings: 12 .txt, 3 .png.' */
function passedOver(ignored: Record<string, number>): string {
  const counts = Object.entries(ignored).sort(([, a], [, b]) => b - a);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const kinds = counts
    .slice(0, 6)
    .map(([extension, count]) => `${count} ${extension || 'without an ending'}`);
  const more = counts.length > 6 ? ` and ${counts.length - 6} more kinds` : '';
  return `Passed over ${total === 1 ? '1 file that is no recording' : `${total} files that are no recordings`}: ${kinds.join(', ')}${more}.`;
}

/** A file below two of the given folders is taken once, as part of the first. */
async function listFiles(
  spec: ImportSpec,
  reading: Reading,
): Promise<{ files: FoundFile[]; ignored: Record<string, number> }> {
  const files: FoundFile[] = [];
  const taken = new Set<string>();
  const ignored: Record<string, number> = {};
  for (const given of spec.paths) {
    const path = resolve(given);
    const found = await findRecordings([path], (name, error) => reading.tellUnread(name, error));
    const groupOf = await participantGroups(path);
    for (const file of found.files.filter((each) => !taken.has(each.path))) {
      taken.add(file.path);
      const folder = file.path === path ? dirname(path) : path;
      const participantGroup = groupOf.get(bidsEntities(file.relativePath).subject ?? '') ?? '';
      files.push({ ...file, dataset: spec.dataset || basename(folder), participantGroup });
    }
    for (const [extension, count] of Object.entries(found.ignored))
      ignored[extension] = (ignored[extension] ?? 0) + count;
  }
  if (files.length === 0) {
    throw new AppError(
      'no-data',
      `No EEG files in ${spec.paths.map((path) => basename(path)).join(', ')}. Looked for ${formats.flatMap(({ extensions }) => extensions).join(' ')}${
        Object.keys(ignored).length > 0
          ? `; found ${Object.keys(ignored)
              .slice(0, 8)
              .map((extension) => extension || 'files without an ending')
              .join(' ')}`
          : ''
      }. Choose another folder.`,
      { details: { ignored } },
    );
  }
  return { files, ignored };
}

/** Columns of a BIDS participants.tsv that say what a person's whole recording is an example of, in order of preference. */
const groupColumns = ['group', 'diagnosis', 'condition', 'label'];

/** Participant (without 'sub-') to group; empty where the folder has no participants.tsv or it names no group. */
async function participantGroups(folder: string): Promise<Map<string, string>> {
  const text = await readFile(join(folder, 'participants.tsv'), 'utf8').catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes((error as { code?: string }).code ?? '')) return null;
    throw error;
  });
  if (text === null) return new Map();
  const rows = [...parseParticipants(text)];
  const column = groupColumns.find((name) => rows.some(([, facts]) => facts[name] !== undefined));
  if (column === undefined) return new Map();
  return new Map(
    rows.flatMap(([name, facts]) => (facts[column] === undefined ? [] : [[name, facts[column]]])),
  );
}

interface MatchedLabels {
  matched: NonNullable<JobOutput['labels']>;
  unmatched: string[];
}

async function readLabels(
  spec: ImportSpec,
  { imported, notRead }: Reading,
  context: JobContext,
): Promise<MatchedLabels> {
  if (!spec.labels) return { matched: [], unmatched: [] };
  // Rows of the table about files that were not read would look like mistakes.
  if (notRead > 0) {
    const text =
      'The label table was not looked at, because not all files were read. Add the folder again with it.';
    context.report({ type: 'note', level: 'warning', text });
    return { matched: [], unmatched: [] };
  }
  context.report({ type: 'phase', index: 2 });
  const text = await readFile(spec.labels, 'utf8').catch((cause: unknown) => {
    throw new AppError(
      'not-found',
      `The label table ${spec.labels} cannot be read. The recordings are in the study; give the table's right path.`,
      { cause },
    );
  });
  const table = parseLabelTable(text);
  const candidates = [
    ...spec.known.map(({ id, relativePath, dataset, durationS }) => ({
      id,
      relativePath,
      dataset,
      durationS,
    })),
    ...imported
      .filter((recording) => recording.header !== null)
      .map(({ id, relativePath, dataset, header }) => ({
        id,
        relativePath,
        dataset,
        durationS: header!.durationS,
      })),
  ];
  const datasetOf = new Map(candidates.map((candidate) => [candidate.id, candidate.dataset]));
  const { spans, unmatched } = matchLabels(table.rows, candidates);
  const problems = [...table.problems, ...unmatched].map((problem) => problem.message);
  for (const problem of problems) context.report({ type: 'note', level: 'warning', text: problem });
  if (spans.length === 0) {
    throw new AppError(
      'no-data',
      `None of the ${table.rows.length} rows of the label table names a recording of this study. The column "recording" takes a file's name or its path below the imported folder.`,
      { details: { problems: problems.slice(0, 20) } },
    );
  }
  const byRecording = Map.groupBy(spans, (span) => span.recording);
  return {
    matched: [...byRecording].map(([recording, own]) => {
      const named = own.find((span) => span.subject)?.subject;
      return {
        recording,
        spans: own.map(withoutRecording),
        ...(named ? { subject: `${datasetOf.get(recording)}/${named}` } : {}),
      };
    }),
    unmatched: problems,
  };
}

function output(
  { imported, unchanged, unread, notRead }: Reading,
  ignored: Record<string, number>,
  labels: MatchedLabels,
): JobOutput {
  const refused = imported.filter((recording) => recording.refusal !== null);
  const odd = imported.filter(
    (recording) =>
      recording.refusal === null && recording.findings.some((finding) => finding.severity !== 'info'),
  );
  const added = imported.length - refused.length;
  const are = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;
  const sentences = [
    `Added ${are(added, 'recording', 'recordings')}`,
    ...(unchanged > 0 ? [`${are(unchanged, 'was', 'were')} there already`] : []),
    ...(odd.length > 0 ? [`${are(odd.length, 'has', 'have')} findings`] : []),
    ...(refused.length + unread.length > 0 ? [`${refused.length + unread.length} cannot be used`] : []),
    ...(labels.unmatched.length > 0
      ? [`${are(labels.unmatched.length, 'label row', 'label rows')} matched nothing`]
      : []),
    ...(notRead > 0 ? [`${are(notRead, 'file was', 'files were')} not read`] : []),
  ];
  return {
    artifacts: [],
    labels: labels.matched,
    result: `${sentences.join(', ')}.`,
    facts: {
      unchanged,
      notRead,
      ignored,
      refused: [...refused.map(({ path, refusal }) => ({ path, reason: refusal })), ...unread],
      labelProblems: labels.unmatched,
    },
  };
}
