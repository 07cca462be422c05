/** One file read once for the catalog: fingerprint, header, findings, annotations, the labels beside it. */
import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { suggestChannelMap } from '#shared/eeg/channel-map.ts';
import type { ImportedRecording } from '#shared/eeg/imported.ts';
import type { Finding } from '#shared/eeg/recording.ts';
import { recordingReference } from '#shared/eeg/recording-reference.ts';
import type { LabelSpan } from '#shared/eeg/segment.ts';
import { AppError } from '#shared/errors.ts';
import { fileHash } from '#main/io/file-hash.ts';
import { annotationLabels } from '#main/io/labels/annotations.ts';
import { bidsEventsPath, parseBidsEvents } from '#main/io/labels/bids.ts';
import { matchLabels } from '#main/io/labels/match.ts';
import { openRecording } from '#main/io/readers.ts';
import type { JobContext } from './job.ts';

export interface FoundFile {
  path: string;
  relativePath: string;
  dataset: string;
  /** Group of the participant, from the folder's participants.tsv; '' without one. */
  participantGroup: string;
}

/**
 * @param before id of the recording that was at this place with other content; it stays the same recording, with what was marked on it
 * @returns null when it was asked to stop before the fingerprint was taken
 * @throws AppError when the file cannot be read at all; one that is no usable recording is returned with its refusal
 */
export async function readOnce(
  { path, relativePath, dataset, participantGroup }: FoundFile,
  { size: bytes, mtimeMs: modifiedMs }: Stats,
  before: string | undefined,
  context: Pick<JobContext, 'signal' | 'stopRequested'>,
): Promise<ImportedRecording | null> {
  const sha256 = await fingerprint(path, context);
  if (sha256 === null) return null;
  const base = {
    id: before ?? `R${createHash('sha256').update(`${sha256}\n${relativePath}`).digest('hex').slice(0, 12)}`,
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
      findings: [
        ...(before === undefined ? [] : [changedSince(path)]),
        ...recording.findings,
        ...(events?.findings ?? []),
      ],
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
      findings: [refusalFinding(path, refused)],
      labels: [],
      labelSource: 'annotation',
    };
  }
}

/** Why, and what to do, parted where the last sentence or clause of the refusal begins. */
function refusalFinding(path: string, { code, message }: AppError): Finding {
  const text = message.replaceAll(path, 'The file');
  const [, why = text, todo = 'Choose another file.'] = /^(.*[.;]) (\S.*)$/s.exec(text) ?? [];
  return {
    code,
    severity: 'error',
    where: basename(path),
    effect: `${why.replace(/;$/, '.')} Nothing of it can be used.`,
    remedy: todo.charAt(0).toUpperCase() + todo.slice(1),
  };
}

function changedSince(path: string): Finding {
  return {
    code: 'content-changed',
    severity: 'warning',
    where: basename(path),
    effect: 'The file was changed after it had been added; marks and segments made before may not fit it.',
    remedy: 'Look at the marks; segments are made anew from the changed file at the next preparation.',
  };
}

/** Ends within a megabyte of being asked to. @returns null when it was asked to stop and keep @throws when aborted */
async function fingerprint(
  path: string,
  context: Pick<JobContext, 'signal' | 'stopRequested'>,
): Promise<string | null> {
  const stop = new AbortController();
  try {
    return await fileHash(path, AbortSignal.any([context.signal, stop.signal]), () => {
      if (context.stopRequested()) stop.abort();
    });
  } catch (error) {
    if (stop.signal.aborted && !context.signal.aborted) return null;
    throw error;
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

export function withoutRecording({ recording: _, ...span }: LabelSpan): Omit<LabelSpan, 'recording'> {
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
