/** Prepares every recording of a study: filtered, referenced, cut into segments, judged, stored by source data set. */
import type { Manifest } from '#shared/artifacts.ts';
import { compareSites } from '#shared/eeg/electrodes.ts';
import type { Span } from '#shared/eeg/recording.ts';
import { AppError } from '#shared/errors.ts';
import type { PrepareParams } from '#shared/params/prepare.ts';
import { version } from '#shared/version.ts';
import { openRecording } from '#main/io/readers.ts';
import { prepareRecording } from '#main/signal/prepare.ts';
import { artifactKey, findArtifact, type ArtifactIdentity } from '#main/store/artifact.ts';
import { canonicalJson, sha256 } from '#main/store/canonical.ts';
import { openDraft } from '#main/store/draft.ts';
import { createSegmentWriter, type SegmentWriter } from '#main/store/segment-writer.ts';
import type { JobContext, JobOutput, RecordingYield } from './job.ts';

export interface PrepareSpec {
  params: PrepareParams;
  recordings: PrepareRecording[];
}

interface PrepareRecording {
  id: string;
  path: string;
  sha256: string;
  dataset: string;
  subject: string;
  durationS: number;
  spans: Span[];
  /** Mapped scalp channels; `factor` turns the reader's µV into the map's µV. */
  channels: { position: number; electrode: string; sfreqHz: number; factor: number }[];
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

/** Recordings that share data set and rate; their electrodes are united, absent ones masked. */
interface Source {
  name: string;
  sfreqHz: number;
  windowS: number;
  electrodes: string[];
  recordings: PrepareRecording[];
}

const qualityColumns = 60;

export async function prepare(spec: PrepareSpec, context: JobContext): Promise<JobOutput> {
  const { sources, passedOver } = planSources(spec);
  context.report({ type: 'phases', names: ['Cut segments', 'Save and read back'] });
  context.report({ type: 'phase', index: 0 });
  for (const note of passedOver) context.report({ type: 'note', level: 'warning', text: note });
  const recordings = sources.flatMap((source) => source.recordings);
  const identity: ArtifactIdentity & { letter: string } = {
    kind: 'segments',
    letter: 'S',
    method: 'prepare/1',
    params: spec.params,
    seed: 0,
    engine: '',
    inputs: [
      ...recordings.map(({ id, sha256: hash }) => ({ role: 'recording', id, hash })),
      { role: 'channel-map', id: 'channel-map', hash: sha256(canonicalJson(recordings.map(mapFingerprint))) },
    ],
  };
  const done = await findArtifact(context.studyDir, artifactKey(identity));
  const yieldsFile = 'yields.json';
  if (done) return output(done.manifest, await done.json<RecordingYield[]>(yieldsFile), passedOver);
  const started = performance.now();
  const draft = await openDraft(context.studyDir, identity);
  try {
    const writer = createSegmentWriter(draft);
    const yields = await writeSources(sources, spec.params, writer, context);
    const { groups, segments } = await writer.finish();
    if (segments === 0) {
      throw new AppError(
        'no-data',
        `No segment passed: ${describeRejected(sumRejected(yields)) || 'all recordings are shorter than one segment'}. Loosen the limits or choose a shorter segment length.`,
      );
    }
    await draft.write(yieldsFile, JSON.stringify(yields));
    context.report({ type: 'phase', index: 1 });
    const summary: SegmentsSummary = {
      segments,
      hours: groups.reduce((sum, group) => sum + (group.count * group.samples) / group.sfreqHz, 0) / 3600,
      groups: groups.map((group, at) => ({
        name: group.name,
        electrodes: group.electrodes,
        sfreqHz: group.sfreqHz,
        samples: group.samples,
        windowS: group.samples / group.sfreqHz,
        segments: group.count,
        subjects: new Set(sources[at]!.recordings.map((recording) => recording.subject)).size,
        hours: (group.count * group.samples) / group.sfreqHz / 3600,
      })),
      rejected: sumRejected(yields),
    };
    const manifest = await draft.commit({
      createdAt: context.now(),
      seconds: (performance.now() - started) / 1000,
      limbeck: version,
      summary,
    });
    return output(manifest, yields, passedOver);
  } catch (error) {
    await draft.discard();
    throw error;
  }
}

function planSources(spec: PrepareSpec): { sources: Source[]; passedOver: string[] } {
  const passedOver: string[] = [];
  const usable = spec.recordings.flatMap((recording) => {
    if (recording.channels.length === 0) {
      passedOver.push(
        `${recording.subject} (${recording.id}) has no channel with a settled site; it is left out.`,
      );
      return [];
    }
    const [sfreqHz] = [...Map.groupBy(recording.channels, (channel) => channel.sfreqHz)].sort(
      (a, b) => b[1].length - a[1].length,
    )[0]!;
    const channels = recording.channels.filter((channel) => channel.sfreqHz === sfreqHz);
    const others = recording.channels.length - channels.length;
    if (others > 0)
      passedOver.push(
        `${recording.subject} (${recording.id}): ${others} sites at another rate than ${sfreqHz} Hz are left out.`,
      );
    return [{ ...recording, channels, sfreqHz }];
  });
  if (usable.length === 0) {
    throw new AppError(
      'no-data',
      'No recording has a channel with a settled site. Answer the questions under Channels first.',
      { details: { passedOver } },
    );
  }
  const groups = Map.groupBy(
    usable,
    (recording) => `${recording.dataset}\n${spec.params.sfreqHz || recording.sfreqHz}`,
  );
  const names = new Map<string, number>();
  for (const recordings of groups.values())
    names.set(recordings[0]!.dataset, (names.get(recordings[0]!.dataset) ?? 0) + 1);
  const sources = [...groups.values()].map((recordings): Source => {
    const { dataset } = recordings[0]!;
    const sfreqHz = spec.params.sfreqHz || recordings[0]!.sfreqHz;
    const electrodes = [
      ...new Set(recordings.flatMap((recording) => recording.channels.map((channel) => channel.electrode))),
    ].sort(compareSites);
    return {
      name: names.get(dataset) === 1 ? dataset : `${dataset}, ${sfreqHz} Hz`,
      sfreqHz,
      windowS: spec.params.windowS || Math.max(1, Math.floor(256 / electrodes.length)),
      electrodes,
      recordings,
    };
  });
  return { sources, passedOver };
}

async function writeSources(
  sources: readonly Source[],
  params: PrepareParams,
  writer: SegmentWriter,
  context: JobContext,
): Promise<RecordingYield[]> {
  const totalS = sources.reduce(
    (sum, source) => sum + source.recordings.reduce((own, recording) => own + recording.durationS, 0),
    0,
  );
  const yields: RecordingYield[] = [];
  let doneS = 0;
  for (const source of sources) {
    const samples = Math.round(source.windowS * source.sfreqHz);
    writer.beginGroup({ name: source.name, electrodes: source.electrodes, sfreqHz: source.sfreqHz, samples });
    for (const recording of source.recordings) {
      yields.push(
        await writeRecording(recording, { ...params, windowS: source.windowS }, writer, context, (atS) =>
          context.report({
            type: 'progress',
            done: Math.round(doneS + atS),
            total: Math.round(totalS),
            unit: 's of EEG',
          }),
        ),
      );
      doneS += recording.durationS;
    }
  }
  return yields;
}

async function writeRecording(
  recording: PrepareRecording,
  params: PrepareParams,
  writer: SegmentWriter,
  context: JobContext,
  onTime: (atS: number) => void,
): Promise<RecordingYield> {
  const channels = [...recording.channels].sort((a, b) => compareSites(a.electrode, b.electrode));
  const positions = channels.map((channel) => channel.position);
  const judged = { bad: new Float64Array(qualityColumns), all: new Float64Array(qualityColumns) };
  const rejected: Record<string, number> = {};
  let segments = 0;
  await using file = await openRecording(recording.path);
  writer.beginRecording({
    recording: recording.id,
    subject: recording.subject,
    electrodes: channels.map((channel) => channel.electrode),
  });
  const read = async (startS: number, seconds: number) => {
    const data = await file.read(startS, seconds, positions);
    data.forEach((values, row) => {
      const { factor } = channels[row]!;
      if (factor !== 1) for (let i = 0; i < values.length; i++) values[i]! *= factor;
    });
    return data;
  };
  const electrodes = channels.map((channel) => channel.electrode);
  const windows = prepareRecording({
    read,
    electrodes,
    sfreqHz: channels[0]!.sfreqHz,
    spans: recording.spans,
    params,
    signal: context.signal,
  });
  for await (const window of windows) {
    context.signal.throwIfAborted();
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
  return {
    recording: recording.id,
    segments,
    rejected,
    quality: Array.from(judged.all, (all, column) => (all === 0 ? null : judged.bad[column]! / all)),
  };
}

/** What besides the file's content changes the result: data set, subject, positions, sites and factors. */
function mapFingerprint(recording: PrepareRecording): unknown[] {
  return [
    recording.dataset,
    recording.subject,
    ...recording.channels.map(({ position, electrode, factor }) => `${position}:${electrode}:${factor}`),
  ];
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
