/** Prepares every recording of a study: filtered, referenced, cut into segments, judged, stored by source data set. */
import { stat } from 'node:fs/promises';
import type { ArtifactInput, Manifest } from '#shared/artifacts.ts';
import type { SegmentGroup } from '#shared/eeg/segment.ts';
import { AppError } from '#shared/errors.ts';
import type { PrepareParams } from '#shared/params/prepare.ts';
import { version } from '#shared/version.ts';
import { readAgain } from '#main/io/read-again.ts';
import { openRecording } from '#main/io/readers.ts';
import { prepareRecording } from '#main/signal/prepare.ts';
import { artifactKey, findArtifact } from '#main/store/artifact.ts';
import { canonicalJson, sha256 } from '#main/store/canonical.ts';
import { removeDraft, takeUpDraft, type DraftIdentity, type LastingDraft } from '#main/store/draft.ts';
import { isSystemError } from '#main/store/durable.ts';
import { createSegmentWriter, type SegmentWriter } from '#main/store/segment-writer.ts';
import type { JobContext, JobOutput, RecordingYield } from './job.ts';
import { mapFingerprint, planSources, type PrepareRecording, type Source } from './prepare-sources.ts';

export interface PrepareSpec {
  params: PrepareParams;
  recordings: PrepareRecording[];
}

export interface SegmentsSummary extends Record<string, unknown> {
  segments: number;
  hours: number;
  groups: {
    name: string;
    electrodes: string[];
    sfreqHz: number;
    samples: number;
    windowS: number;
    segments: number;
    subjects: number;
    hours: number;
  }[];
  rejected: Record<string, number>;
}

const qualityColumns = 60;

export async function prepare(spec: PrepareSpec, context: JobContext): Promise<JobOutput> {
  const { sources, passedOver } = planSources(spec.recordings, spec.params);
  context.report({ type: 'phases', names: ['Cut segments', 'Save and read back'] });
  context.report({ type: 'phase', index: 0 });
  for (const note of passedOver) context.report({ type: 'note', level: 'warning', text: note });
  const recordings = sources.flatMap((source) => source.recordings);
  const identity: DraftIdentity = {
    kind: 'segments',
    letter: 'S',
    method: 'prepare/2',
    params: spec.params,
    seed: 0,
    engine: '',
    inputs: describeInputs(recordings),
  };
  const key = artifactKey(identity);
  const done = await findArtifact(context.studyDir, key);
  if (done) {
    await removeDraft(context.studyDir, key);
    return output(done.manifest, await done.json<RecordingYield[]>(yieldsFile), passedOver);
  }
  const started = performance.now();
  // Ids stand in the files but not in the key, and another version may prepare otherwise.
  const sameWork = sha256(canonicalJson([version, recordings.map(({ id }) => id)]));
  const { draft, notes } = await takeUpDraft(context.studyDir, identity, sameWork);
  try {
    // Written by this very version, see below.
    const finished = notes as RecordingYield[];
    if (finished.length > 0)
      context.report({ type: 'note', level: 'info', text: goesOn(finished, recordings) });
    const writer = createSegmentWriter(draft);
    const { yields, isWhole } = await writeSources(
      sources,
      spec.params,
      { writer, draft, finished },
      context,
    );
    const { groups, segments } = await writer.finish();
    if (segments === 0) throw nothingToStore(yields, isWhole);
    await draft.write(yieldsFile, JSON.stringify(yields));
    context.report({ type: 'phase', index: 1 });
    const used = recordings.slice(0, yields.length);
    const summary = summarise(groups, sources, new Set(used), yields);
    const manifest = await draft.commit(
      {
        createdAt: context.now(),
        seconds: (performance.now() - started) / 1000,
        limbeck: version,
        summary,
      },
      isWhole ? identity : stoppedAfter(identity, used, yields),
    );
    return output(manifest, yields, passedOver);
  } catch (error) {
    if (isWorthKeeping(error, context.signal)) await draft.leave();
    else await draft.discard();
    throw error;
  }
}

const yieldsFile = 'yields.json';

/** What is made from a recording names it by the hash it had: a file that changed since is another recording. */
async function refuseChanged({ path, bytes, modifiedMs }: PrepareRecording): Promise<void> {
  const now = await stat(path).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return null;
    throw AppError.from(error);
  });
  if (now === null)
    throw new AppError(
      'not-found',
      `${path} is not there any more. Reconnect the drive, or add the recording again from where it is now.`,
    );
  if (now.size !== bytes || Math.round(now.mtimeMs) !== modifiedMs)
    throw new AppError(
      'conflict',
      `${path} has changed since it was added to the study. Add it again; what was made of it before stays.`,
    );
}

function describeInputs(recordings: readonly PrepareRecording[]): ArtifactInput[] {
  return [
    ...recordings.map(({ id, sha256: hash }) => ({ role: 'recording', id, hash })),
    { role: 'channel-map', id: 'channel-map', hash: sha256(canonicalJson(recordings.map(mapFingerprint))) },
  ];
}

function summarise(
  groups: readonly SegmentGroup[],
  sources: readonly Source[],
  used: ReadonlySet<PrepareRecording>,
  yields: readonly RecordingYield[],
): SegmentsSummary {
  const hoursOf = ({ count, samples, sfreqHz }: SegmentGroup) => (count * samples) / sfreqHz / 3600;
  return {
    segments: groups.reduce((sum, group) => sum + group.count, 0),
    hours: groups.reduce((sum, group) => sum + hoursOf(group), 0),
    groups: groups.map((group, at) => ({
      name: group.name,
      electrodes: group.electrodes,
      sfreqHz: group.sfreqHz,
      samples: group.samples,
      windowS: group.samples / group.sfreqHz,
      segments: group.count,
      subjects: new Set(
        sources[at]!.recordings.flatMap((recording) => (used.has(recording) ? [recording.subject] : [])),
      ).size,
      hours: hoursOf(group),
    })),
    rejected: sumRejected(yields),
  };
}

/** Stopped by hand and kept: it holds the recordings up to that place, and no more was read. */
function stoppedAfter(
  identity: DraftIdentity,
  used: readonly PrepareRecording[],
  yields: readonly RecordingYield[],
): DraftIdentity {
  const stopped = [sha256(canonicalJson(yields.map(({ segments, rejected }) => [segments, rejected])))];
  return { ...identity, params: { ...identity.params, stopped }, inputs: describeInputs(used) };
}

function nothingToStore(yields: readonly RecordingYield[], isWhole: boolean): AppError {
  if (!isWhole)
    return new AppError('cancelled', 'Stopped by hand before there was a segment to keep; start it again.');
  return new AppError(
    'no-data',
    `No segment passed: ${describeRejected(sumRejected(yields)) || 'all recordings are shorter than one segment'}. Loosen the limits or choose a shorter segment length.`,
  );
}

/** Finished recordings wait for the next attempt, unless the user threw them away or the same would come of it. */
function isWorthKeeping(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return AppError.from(error).code !== 'no-data';
  return AppError.from(signal.reason).details['how'] !== 'discard';
}

function goesOn(finished: readonly RecordingYield[], recordings: readonly PrepareRecording[]): string {
  return `Goes on where it was interrupted: ${finished.length} of ${recordings.length} recordings are prepared already.`;
}

interface Store {
  writer: SegmentWriter;
  draft: LastingDraft;
  /** What an interrupted run has stored already: the first recordings, in order. */
  finished: readonly RecordingYield[];
}

/** Each finished recording is made safe before the next begins. Told to stop and keep, it ends at once, perhaps within one. */
async function writeSources(
  sources: readonly Source[],
  params: PrepareParams,
  { writer, draft, finished }: Store,
  context: JobContext,
): Promise<{ yields: RecordingYield[]; isWhole: boolean }> {
  const totalS = sources.reduce(
    (sum, source) => sum + source.recordings.reduce((own, recording) => own + recording.durationS, 0),
    0,
  );
  const yields: RecordingYield[] = [];
  let doneS = 0;
  for (const source of sources) {
    const { name, electrodes, sfreqHz, windowS } = source;
    const own = { ...params, windowS };
    writer.beginGroup({ name, electrodes, sfreqHz, samples: Math.round(windowS * sfreqHz) });
    for (const recording of source.recordings) {
      const stored = finished[yields.length];
      if (!stored && context.stopRequested()) return { yields, isWhole: false };
      writer.beginRecording({
        recording: recording.id,
        subject: recording.subject,
        electrodes: recording.channels.map(({ electrode }) => electrode),
      });
      if (stored) {
        writer.skip(stored.segments);
        yields.push(stored);
      } else {
        const tell = (atS: number) =>
          context.report({
            type: 'progress',
            done: Math.round(doneS + atS),
            total: Math.round(totalS),
            unit: 's of EEG',
          });
        const written = await writeRecording(recording, own, writer, context, tell);
        yields.push(written.found);
        if (!written.isWhole) return { yields, isWhole: false };
        await writer.flush();
        await draft.mark(written.found);
      }
      doneS += recording.durationS;
    }
  }
  return { yields, isWhole: true };
}

async function writeRecording(
  recording: PrepareRecording,
  params: PrepareParams,
  writer: SegmentWriter,
  context: JobContext,
  onTime: (atS: number) => void,
): Promise<{ found: RecordingYield; isWhole: boolean }> {
  const { channels } = recording;
  const judged = { bad: new Float64Array(qualityColumns), all: new Float64Array(qualityColumns) };
  const rejected: Record<string, number> = {};
  let segments = 0;
  let isWhole = true;
  await refuseChanged(recording);
  await using file = await openRecording(recording.path);
  const windows = prepareRecording({
    read: readAgain(file, channels),
    electrodes: channels.map((channel) => channel.electrode),
    sfreqHz: channels[0]!.sfreqHz,
    spans: recording.spans,
    params,
    signal: context.signal,
  });
  for await (const window of windows) {
    context.signal.throwIfAborted();
    if (context.stopRequested()) {
      isWhole = false;
      break;
    }
    const column = Math.min(
      qualityColumns - 1,
      Math.floor((window.startS / recording.durationS) * qualityColumns),
    );
    judged.all[column]! += 1;
    if (window.rejected) {
      judged.bad[column]! += 1;
      for (const reason of window.rejected) rejected[reason] = (rejected[reason] ?? 0) + 1;
    } else {
      await writer.add(window.startS, window.values, window.badChannels);
      segments++;
    }
    onTime(window.startS);
  }
  const quality = Array.from(judged.all, (all, column) => (all === 0 ? null : judged.bad[column]! / all));
  return { found: { recording: recording.id, segments, rejected, quality }, isWhole };
}

function sumRejected(yields: readonly RecordingYield[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { rejected } of yields)
    for (const [reason, count] of Object.entries(rejected)) sum[reason] = (sum[reason] ?? 0) + count;
  return sum;
}

function describeRejected(rejected: Record<string, number>): string {
  return Object.entries(rejected)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ');
}

function output(manifest: Manifest, yields: RecordingYield[], passedOver: string[]): JobOutput {
  const { segments, hours, rejected, groups } = manifest.summary as SegmentsSummary;
  const lost = describeRejected(rejected);
  return {
    artifacts: [manifest],
    yields,
    result: `${segments} segments, ${hours.toFixed(2)} hours, from ${groups.length} data set${groups.length === 1 ? '' : 's'}${lost ? `; not used: ${lost}` : ''}.`,
    facts: { segments, hours, rejected, groups, passedOver, seconds: manifest.seconds },
  };
}
