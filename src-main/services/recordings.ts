/** Recordings as the page lists them, and their details. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { offerMontages } from '#shared/eeg/montage.ts';
import { AppError } from '#shared/errors.ts';
import type { ChannelView, GroupView, RecordingDetail, RecordingRow } from '#shared/views.ts';
import type { SegmentProvenance } from '#main/catalog/artifacts.ts';
import type { Catalog } from '#main/catalog/catalog.ts';
import type { RecordingFacts } from '#main/catalog/recording-facts.ts';
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
    list: os.recordings.list.handler(async () => {
      const { catalog } = studies.current();
      const all = catalog.recordings.list();
      const [provenance, facts] = [catalog.artifacts.newestProvenance(), catalog.recordings.facts()];
      const there = await present(all);
      const recordings = all.map((recording) =>
        toRow(recording, facts.get(recording.id), provenance, there.has(recording.id)),
      );
      return { groups: groupsOf(catalog.recordings.datasets(), recordings, facts), recordings };
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
  const { id, path } = recording;
  return toRow(recording, catalog.recordings.factsOf(id), provenance, existsSync(path));
}

/** Ids of those whose file is at its place. A folder is listed once: on a far drive each question costs. */
async function present(recordings: readonly CatalogedRecording[]): Promise<Set<string>> {
  const folders = Map.groupBy(recordings, ({ path }) => dirname(path));
  const found = [...folders].map(async ([folder, own]) => {
    const names = new Set(await readdir(folder).catch(() => []));
    // What the list does not name is asked for: a system may tell no capitals apart, or not let list.
    return own.filter(({ path }) => names.has(basename(path)) || existsSync(path)).map(({ id }) => id);
  });
  return new Set((await Promise.all(found)).flat());
}

function toRow(
  recording: CatalogedRecording,
  facts: RecordingFacts | undefined,
  provenance: Map<string, SegmentProvenance>,
  there: boolean,
): RecordingRow {
  const findings = facts?.findings ?? [];
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
    sfreqHz: facts?.sfreqHz ?? [],
    channels: facts?.signals ?? 0,
    mapped: facts?.mapped ?? 0,
    questions: facts?.questions ?? 0,
    labels: Object.values(facts?.labels ?? {}).reduce((sum, count) => sum + count, 0),
    gaps: Math.max(0, (facts?.spans ?? 0) - 1),
    status: !there ? 'missing' : recording.refusal !== null ? 'unusable' : odd ? 'findings' : 'ok',
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

function groupsOf(
  datasets: readonly string[],
  rows: readonly RecordingRow[],
  facts: Map<string, RecordingFacts>,
): GroupView[] {
  const taken = new Set<string>();
  return datasets.map((name, position) => {
    const own = rows.filter((row) => row.group === name);
    const usable = own.filter((row) => row.status !== 'unusable' && row.duplicateOf === null);
    const labels: Record<string, number> = {};
    for (const row of usable)
      for (const [label, count] of Object.entries(facts.get(row.id)?.labels ?? {}))
        labels[label] = (labels[label] ?? 0) + count;
    return {
      name,
      letter: letterFor(name, taken),
      colour: (position % 8) + 1,
      recordings: own.length,
      subjects: new Set(usable.map((row) => row.subject)).size,
      hours: usable.reduce((sum, row) => sum + row.durationS, 0) / 3600,
      sites: [...new Set(usable.flatMap((row) => facts.get(row.id)?.sites ?? []))],
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
