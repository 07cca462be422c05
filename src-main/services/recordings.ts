/** Recordings as the page lists them, and their details. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { offerMontages } from '#shared/eeg/montage.ts';
import { AppError } from '#shared/errors.ts';
import type { ChannelView, GroupView, RecordingDetail, RecordingRow } from '#shared/views.ts';
import type { SegmentProvenance } from '#main/catalog/artifacts.ts';
import type { Catalog } from '#main/catalog/catalog.ts';
import type { CatalogedRecording } from '#main/catalog/recordings.ts';
import { entriesOf } from './channel-entries.ts';
import { os } from './implementer.ts';
import { markProcedures } from './marks.ts';
import type { Studies } from './study.ts';

export function recordingService(studies: Studies) {
  const known = (id: string): CatalogedRecording => {
    const recording = studies.current().catalog.recordings.get(id);
    if (!recording) throw new AppError('not-found', `There is no recording ${id} in this study.`);
    return recording;
  };
  return os.recordings.router({
    list: os.recordings.list.handler(() => {
      const { catalog } = studies.current();
      const provenance = catalog.artifacts.newestProvenance();
      const recordings = catalog.recordings.list().map((recording) => rowOf(catalog, recording, provenance));
      return { groups: groupsOf(catalog, recordings), recordings };
    }),
    get: os.recordings.get.handler(({ input }) => detailOf(studies.current().catalog, known(input.id))),
    ...markProcedures(studies),
  });
}

export function rowOf(
  catalog: Catalog,
  recording: CatalogedRecording,
  provenance: Map<string, SegmentProvenance>,
): RecordingRow {
  const channels = catalog.recordings.channels(recording.id);
  const map = catalog.recordings.map(recording.id);
  const findings = catalog.recordings.findings(recording.id);
  const spans = catalog.recordings.spans(recording.id);
  const signals = channels.filter((channel) => channel.kind !== 'annotations');
  const missing = !existsSync(recording.path);
  const odd = findings.some((finding) => finding.severity !== 'info');
  return {
    id: recording.id,
    file: basename(recording.path),
    group: recording.dataset,
    subject: recording.subject,
    format: recording.format,
    bytes: recording.bytes,
    startedAt: recording.startedAt,
    durationS: recording.durationS,
    sfreqHz: [...new Set(signals.map((channel) => channel.sfreqHz))].sort((a, b) => b - a),
    channels: signals.length,
    mapped: map.filter((entry) => entry.electrode !== null || entry.bipolar !== null).length,
    questions: map.filter((entry) => entry.confidence === 'ask').length,
    labels: catalog.labels.of(recording.id).length,
    gaps: Math.max(0, spans.length - 1),
    status: missing ? 'missing' : recording.refusal !== null ? 'unusable' : odd ? 'findings' : 'ok',
    duplicateOf: recording.duplicateOf,
    findings,
    quality: provenance.get(recording.id)?.quality ?? [],
  };
}

function detailOf(catalog: Catalog, recording: CatalogedRecording): RecordingDetail {
  const provenance = catalog.artifacts.newestProvenance();
  const annotations = catalog.recordings.annotations(recording.id);
  const fileMarks = annotations.map((annotation, position) => ({
    id: `file-${position}`,
    source: 'file' as const,
    startS: annotation.onsetS,
    durationS: annotation.durationS,
    text: annotation.text,
    channel: annotation.channel ?? null,
  }));
  return {
    ...rowOf(catalog, recording, provenance),
    path: recording.path,
    sha256: recording.sha256,
    prefilter: recording.prefilter,
    reference: recording.reference,
    spans: catalog.recordings.spans(recording.id),
    channelList: channelsOf(catalog, recording.id),
    annotations,
    marks: [...fileMarks, ...catalog.marks.of(recording.id)].sort((a, b) => a.startS - b.startS),
    answered: catalog.marks.answered(recording.id),
    labelSpans: catalog.labels
      .of(recording.id)
      .map(({ startS, endS, label, trial }) => ({ startS, endS, label, trial: trial ?? '' })),
    montages: offerMontages(entriesOf(catalog, recording.id), {
      bad: catalog.marks.badChannels(recording.id),
    }).map(({ montage, refusal }) => ({
      id: montage.id,
      name: montage.name,
      key: montage.key,
      blockedBy: refusal,
    })),
    usedIn: catalog.artifacts
      .usersOf(recording.id)
      .map((manifest) => ({ id: manifest.id, kind: manifest.kind, text: `${manifest.kind} ${manifest.id}` })),
  };
}

export function channelsOf(catalog: Catalog, recording: string): ChannelView[] {
  const bad = catalog.marks.badChannels(recording);
  const map = new Map(catalog.recordings.map(recording).map((entry) => [entry.position, entry]));
  return catalog.recordings.channels(recording).map((channel, position) => {
    const entry = map.get(position);
    return {
      position,
      label: channel.label,
      kind: entry?.kind ?? channel.kind,
      unit: channel.unit,
      sfreqHz: channel.sfreqHz,
      electrode: entry?.electrode ?? null,
      reference: entry?.reference ?? null,
      bipolar: entry?.bipolar ? [entry.bipolar[0], entry.bipolar[1]] : null,
      toMicrovolt: entry?.toMicrovolt ?? channel.toMicrovolt,
      confidence: entry?.confidence ?? 'none',
      reason: entry?.reason ?? '',
      disabled: channel.disabled ?? null,
      bad: bad.has(position),
    };
  });
}

function groupsOf(catalog: Catalog, rows: readonly RecordingRow[]): GroupView[] {
  const taken = new Set<string>();
  return catalog.recordings.datasets().map((name, position) => {
    const own = rows.filter((row) => row.group === name);
    const usable = own.filter((row) => row.status !== 'unusable' && row.duplicateOf === null);
    const labels: Record<string, number> = {};
    for (const row of usable)
      for (const span of catalog.labels.of(row.id)) labels[span.label] = (labels[span.label] ?? 0) + 1;
    return {
      name,
      letter: letterFor(name, taken),
      colour: (position % 8) + 1,
      recordings: own.length,
      subjects: new Set(usable.map((row) => row.subject)).size,
      hours: usable.reduce((sum, row) => sum + row.durationS, 0) / 3600,
      sites: [
        ...new Set(
          usable.flatMap((row) =>
            catalog.recordings
              .map(row.id)
              .flatMap((entry) =>
                entry.kind === 'eeg' && entry.electrode && !entry.bipolar ? [entry.electrode] : [],
              ),
          ),
        ),
      ],
      sfreqHz: [...new Set(usable.flatMap((row) => row.sfreqHz.slice(0, 1)))].sort((a, b) => b - a),
      labels,
    };
  });
}

/** The first letter of the name that no other group has. */
export function letterFor(name: string, taken: Set<string>): string {
  const candidates = [...name.toUpperCase().replace(/[^A-Z]/g, ''), ...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const letter = candidates.find((each) => !taken.has(each)) ?? '?';
  taken.add(letter);
  return letter;
}
