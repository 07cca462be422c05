/** Reads every recording below the given paths once: header, findings, annotations, hash; and matches a label table. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { suggestChannelMap } from '#shared/eeg/channel-map.ts';
import { recordingReference } from '#shared/eeg/recording-reference.ts';
import { AppError } from '#shared/errors.ts';
import type { ImportedRecording } from '#shared/eeg/imported.ts';
import type { Finding } from '#shared/eeg/recording.ts';
import type { LabelSpan } from '#shared/eeg/segment.ts';
import { fileHash } from '#main/io/file-hash.ts';
import { findRecordings } from '#main/io/files.ts';
import { annotationLabels } from '#main/io/labels/annotations.ts';
import { bidsEntities, bidsEventsPath, parseBidsEvents, parseParticipants } from '#main/io/labels/bids.ts';
import { matchLabels } from '#main/io/labels/match.ts';
import { parseLabelTable } from '#main/io/labels/table.ts';
import { openRecording } from '#main/io/readers.ts';
import type { JobContext, JobOutput } from './job.ts';

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
  }[];
}

/** Recordings told to the catalog at a time. */
const batch = 20;

export async function importRecordings(spec: ImportSpec, context: JobContext): Promise<JobOutput> {
  context.report({
    type: 'phases',
    names: ['Look for recordings', 'Read', ...(spec.labels ? ['Match labels'] : [])],
  });
  context.report({ type: 'phase', index: 0 });
  const { files, ignored } = await listFiles(spec);
  context.report({ type: 'phase', index: 1 });
  const known = new Map(spec.known.map((entry) => [entry.path, entry]));
  const imported: ImportedRecording[] = [];
  let unchanged = 0;
  let waiting: ImportedRecording[] = [];
  for (const [done, file] of files.entries()) {
    context.signal.throwIfAborted();
    context.report({ type: 'progress', done, total: files.length, unit: 'files' });
    const before = known.get(file.path);
    const info = await stat(file.path);
    if (before && before.bytes === info.size && before.modifiedMs === Math.round(info.mtimeMs)) {
      unchanged++;
      continue;
    }
    const recording = await readOnce(file, info.size, info.mtimeMs);
    imported.push(recording);
    waiting.push(recording);
    if (waiting.length >= batch) {
      context.recorded(waiting);
      waiting = [];
    }
    if (context.stopRequested()) break;
  }
  if (waiting.length > 0) context.recorded(waiting);
  context.report({ type: 'progress', done: files.length, total: files.length, unit: 'files' });
  const labels = spec.labels ? await readLabels(spec, imported, context) : { matched: [], unmatched: [] };
  return output(imported, unchanged, ignored, labels);
}

interface FoundFile {
  path: string;
  relativePath: string;
  dataset: string;
  /** Group of the participant, from the folder's participants.tsv; '' without one. */
  participantGroup: string;
}

async function listFiles(spec: ImportSpec): Promise<{ files: FoundFile[]; ignored: Record<string, number> }> {
  const files: FoundFile[] = [];
  const ignored: Record<string, number> = {};
  for (const given of spec.paths) {
    const path = resolve(given);
    const found = await findRecordings([path]);
    const groupOf = await participantGroups(path);
    for (const file of found.files) {
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
      `No EEG files in ${spec.paths.map((path) => basename(path)).join(', ')}. Choose another folder.`,
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

async function readOnce(
  { path, relativePath, dataset, participantGroup }: FoundFile,
  bytes: number,
  modifiedMs: number,
): Promise<ImportedRecording> {
  const sha256 = await fileHash(path);
  const base = {
    id: `R${createHash('sha256').update(`${sha256}\n${relativePath}`).digest('hex').slice(0, 12)}`,
    path,
    relativePath,
    dataset,
    subject: subjectOf(relativePath, dataset),
    sha256,
    bytes,
    modifiedMs,
  };
  try {
    await using recording = await openRecording(path);
    const annotations = await recording.annotations();
    const events = await besideEvents(path, recording.header.durationS);
    const whole = participantGroup === '' ? null : [{ startS: 0, endS: null, label: participantGroup }];
    const channels = suggestChannelMap(recording.header.channels);
    return {
      ...base,
      header: recording.header,
      refusal: null,
      reference: recordingReference(channels).text,
      annotations,
      findings: [...recording.findings, ...(events?.findings ?? [])],
      labels:
        events?.spans ??
        whole ??
        annotationLabels(base.id, annotations, recording.header.durationS).map(withoutRecording),
      labelSource: events || whole ? 'events' : 'annotation',
    };
  } catch (error) {
    const refused = AppError.from(error);
    // A fault of our own must not look like a bad file.
    if (refused.code === 'internal') throw refused;
    return {
      ...base,
      header: null,
      refusal: refused.message,
      reference: '',
      annotations: [],
      findings: [
        {
          code: refused.code,
          severity: 'error',
          where: basename(path),
          effect: 'Nothing of this file can be used.',
          remedy: refused.message,
        },
      ],
      labels: [],
      labelSource: 'annotation',
    };
  }
}

/** Labels from a BIDS events file beside the recording; null when there is none. */
async function besideEvents(
  path: string,
  durationS: number,
): Promise<{ spans: Omit<LabelSpan, 'recording'>[]; findings: Finding[] } | null> {
  const file = bidsEventsPath(path);
  if (file === null) return null;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as { code?: string }).code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const name = basename(path);
  const table = parseBidsEvents(text, name);
  const { spans, unmatched } = matchLabels(table.rows, [{ id: name, relativePath: name, durationS }]);
  const findings = [...table.problems, ...unmatched].map((problem): Finding => ({
    code: 'event-unused',
    severity: 'warning',
    where: `${basename(file)}, line ${problem.line}`,
    effect: problem.message,
    remedy: 'Mend the line and add the folder again; the other events are in use.',
  }));
  return { spans: spans.map(withoutRecording), findings };
}

function withoutRecording({ recording: _, ...span }: LabelSpan): Omit<LabelSpan, 'recording'> {
  return span;
}

/**
 * The subject a file name speaks of: BIDS `sub-01`, else everything up to the end of the first number.
 * Subjects of different data sets are never the same person without a label table that says so.
 */
export function subjectOf(relativePath: string, dataset: string): string {
  const bids = /(?:^|[/_])(sub-[A-Za-z0-9]+)/.exec(relativePath)?.[1];
  const stem = basename(relativePath).replace(/(\.[A-Za-z]+)+$/, '');
  const name = bids ?? /^\D*\d+/.exec(stem)?.[0] ?? stem;
  return `${dataset}/${name}`;
}

interface MatchedLabels {
  matched: NonNullable<JobOutput['labels']>;
  unmatched: string[];
}

async function readLabels(
  spec: ImportSpec,
  imported: readonly ImportedRecording[],
  context: JobContext,
): Promise<MatchedLabels> {
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
  imported: readonly ImportedRecording[],
  unchanged: number,
  ignored: Record<string, number>,
  labels: MatchedLabels,
): JobOutput {
  const refused = imported.filter((recording) => recording.refusal !== null);
  const odd = imported.filter(
    (recording) =>
      recording.refusal === null && recording.findings.some((finding) => finding.severity !== 'info'),
  );
  const sentences = [
    `Added ${imported.length - refused.length} recordings`,
    ...(unchanged > 0 ? [`${unchanged} were there already`] : []),
    ...(odd.length > 0 ? [`${odd.length} have findings`] : []),
    ...(refused.length > 0 ? [`${refused.length} cannot be used`] : []),
    ...(labels.unmatched.length > 0 ? [`${labels.unmatched.length} label rows matched nothing`] : []),
  ];
  return {
    artifacts: [],
    labels: labels.matched,
    result: `${sentences.join(', ')}.`,
    facts: {
      unchanged,
      ignored,
      refused: refused.map(({ path, refusal }) => ({ path, reason: refusal })),
      labelProblems: labels.unmatched,
    },
  };
}
