/** Prepared stores and distillates: what was kept, left out, rejected, and why. */
import { AppError } from '#shared/errors.ts';
import type { Manifest } from '#shared/artifacts.ts';
import {
  entersAt,
  keptAt,
  positionsOf,
  type Distillate,
  type DistilledGroup,
} from '#shared/eeg/distillate.ts';
import { labelSegments } from '#shared/eeg/segment.ts';
import type {
  DistillateView,
  SegmentExplanation,
  SegmentMapView,
  SegmentPlace,
  SegmentsView,
} from '#shared/views.ts';
import { basename } from 'node:path';
import { decodeDistillate } from '#main/distillation/distillate-files.ts';
import { explainSegment, viewKept, type KeptView } from '#main/distillation/reasons.ts';
import { findArtifact, type OpenedArtifact } from '#main/store/artifact.ts';
import type { SegmentStore } from '#main/store/segments.ts';
import { os } from './implementer.ts';
import { allLabels } from './job-plans.ts';
import { segmentStoreOf } from './segment-stores.ts';
import type { Study, Studies } from './study.ts';

interface OpenDistillate {
  artifact: OpenedArtifact;
  content: Distillate;
  store: SegmentStore;
  places: (index: number) => SegmentPlace;
  /** The group at the share that was asked for; worked out once. */
  kept: (group: DistilledGroup) => KeptView;
}

export function datasetService(studies: Studies) {
  return os.datasets.router({
    segments: os.datasets.segments.handler((): SegmentsView[] =>
      studies.current().catalog.artifacts.list('segments').map(segmentsView),
    ),
    distillates: os.datasets.distillates.handler(() => {
      const study = studies.current();
      return Promise.all(
        study.catalog.artifacts.list('distillate').map((manifest) => viewOf(study, manifest.id)),
      );
    }),
    distillate: os.datasets.distillate.handler(({ input }) => viewOf(studies.current(), input.id)),
    map: os.datasets.map.handler(({ input }) => mapOf(studies.current(), input.id)),
    explain: os.datasets.explain.handler(({ input }) =>
      explain(studies.current(), input.id, input.index, input.keep),
    ),
    rejected: os.datasets.rejected.handler(async ({ input }) => {
      const { content, places, kept } = await open(studies.current(), input.id);
      return content.groups.flatMap((group) =>
        group.rejected.map((segment) => ({
          place: places(segment.index),
          score: segment.score,
          reason: explainSegment(kept(group), segment.index, (at) => nameOf(places(at))).sentences.join(' '),
        })),
      );
    }),
    at: os.datasets.at.handler(async ({ input }) => {
      const { content, store, places, kept } = await open(studies.current(), input.id);
      return store.segments
        .filter(
          (segment) =>
            segment.recording === input.recording &&
            segment.startS < input.endS &&
            segment.startS + segment.durationS > input.startS,
        )
        .map((segment) => {
          const reasons = explainSegment(kept(groupOf(content, segment.index)), segment.index, (at) =>
            nameOf(places(at)),
          );
          return {
            startS: segment.startS,
            endS: segment.startS + segment.durationS,
            index: segment.index,
            fate: reasons.fate,
            text: reasons.sentences[0] ?? '',
          };
        });
    }),
  });
}

const opened = new WeakMap<Study, Map<string, Promise<OpenDistillate>>>();

/** Opened once; the slider and the panel ask often. */
function open(study: Study, id: string): Promise<OpenDistillate> {
  const own = opened.get(study) ?? new Map<string, Promise<OpenDistillate>>();
  opened.set(study, own);
  const known = own.get(id);
  if (known) return known;
  const opening = openOnce(study, id);
  own.set(id, opening);
  opening.catch(() => own.delete(id));
  return opening;
}

async function openOnce(study: Study, id: string): Promise<OpenDistillate> {
  const artifact = await findArtifact(study.dir, id);
  if (artifact?.manifest.kind !== 'distillate')
    throw new AppError('not-found', `There is no distillate ${id} in this study.`);
  const content = await decodeDistillate((path) => artifact.bytes(path));
  const store = await segmentStoreOf(
    study,
    artifact.manifest.inputs.find((input) => input.role === 'segments')?.id,
  );
  if (!store)
    throw new AppError(
      'not-found',
      `The segments that ${id} chose from are gone; prepare again, with the same settings it becomes whole.`,
    );
  const labels = new Map(
    labelSegments(store.segments, allLabels(study.catalog)).map((segment) => [segment.index, segment.label]),
  );
  const files = new Map(
    study.catalog.recordings.list().map((recording) => [recording.id, basename(recording.path)]),
  );
  const places = (index: number): SegmentPlace => {
    const segment = store.segments[index];
    if (!segment) throw new AppError('not-found', `There is no segment ${index} in ${id}.`);
    return {
      index,
      recording: segment.recording,
      file: files.get(segment.recording) ?? segment.recording,
      subject: segment.subject,
      group: store.groups[segment.group]!.name,
      startS: segment.startS,
      durationS: segment.durationS,
      label: labels.get(index) ?? null,
    };
  };
  const views = new Map<DistilledGroup, KeptView>();
  const kept = (group: DistilledGroup) => {
    const view = views.get(group) ?? viewKept(group, group.kept);
    views.set(group, view);
    return view;
  };
  return { artifact, content, store, places, kept };
}

function segmentsView(manifest: Manifest): SegmentsView {
  const summary = manifest.summary as {
    segments: number;
    hours: number;
    rejected: Record<string, number>;
    groups: (Omit<SegmentsView['groups'][number], 'electrodes'> & { electrodes: string[] })[];
  };
  return {
    id: manifest.id,
    hash: manifest.hash,
    segments: summary.segments,
    hours: summary.hours,
    groups: summary.groups.map((group) => ({ ...group, electrodes: group.electrodes.length })),
    rejected: summary.rejected,
    createdAt: manifest.createdAt,
    params: manifest.params,
  };
}

async function viewOf(study: Study, id: string): Promise<DistillateView> {
  const { artifact } = await open(study, id);
  const { manifest } = artifact;
  const stored =
    await artifact.json<Omit<DistillateView, 'id' | 'hash' | 'createdAt' | 'params' | 'seed' | 'seconds'>>(
      'view.json',
    );
  return {
    ...stored,
    id,
    hash: manifest.hash,
    createdAt: manifest.createdAt,
    params: manifest.params,
    seed: manifest.seed,
    seconds: manifest.summary['seconds'] as Record<string, number>,
  };
}

async function mapOf(study: Study, id: string): Promise<SegmentMapView> {
  const { artifact, content, store, places } = await open(study, id);
  const index = await artifact.bytes('map-index.i32');
  const points = await artifact.bytes('map-points.f32');
  const indices = new Int32Array(index.slice().buffer);
  const share = new Float32Array(indices.length);
  const labelNames = [
    'no label',
    ...new Set(Array.from(indices, (at) => places(at).label).filter((label) => label !== null)),
  ];
  const positions = content.groups.map(positionsOf);
  const groupOf = new Uint8Array(indices.length);
  const labelOf = new Uint8Array(indices.length);
  indices.forEach((at, i) => {
    const g = store.segments[at]!.group;
    const group = content.groups[g]!;
    const place = positions[g]![at - group.first]!;
    share[i] = place === -2 ? 3 : place === -1 ? 2 : entersAt(group, place);
    groupOf[i] = g;
    labelOf[i] = Math.min(255, Math.max(0, labelNames.indexOf(places(at).label ?? 'no label')));
  });
  return {
    count: indices.length,
    total: store.segments.length,
    points: new Blob([points.slice()]),
    index: new Blob([indices]),
    share: new Blob([share]),
    groupOf: new Blob([groupOf]),
    labelOf: new Blob([labelOf]),
    groups: content.groups.map((group) => group.name),
    labels: labelNames,
  };
}

/** At most this many of those a kept segment stands for are listed; the count is told. */
const standsForShown = 12;

async function explain(study: Study, id: string, index: number, keep: number): Promise<SegmentExplanation> {
  const { content, places } = await open(study, id);
  const group = groupOf(content, index);
  const kept = keptAt(group, keep || content.keep);
  const reasons = explainSegment(viewKept(group, kept), index, (at) => nameOf(places(at)));
  return {
    place: places(index),
    fate: reasons.fate,
    order: reasons.order,
    ofKept: kept,
    reasons: reasons.sentences,
    nearest: reasons.nearest
      ? { ...places(reasons.nearest.index), distance: reasons.nearest.distance }
      : null,
    standsFor: reasons.standsFor.slice(0, standsForShown).map(places),
    standsForCount: reasons.standsFor.length,
  };
}

function groupOf(content: Distillate, index: number): DistilledGroup {
  const group = content.groups.find((each) => index >= each.first && index < each.first + each.count);
  if (!group) throw new AppError('not-found', `There is no segment ${index} in this distillate.`);
  return group;
}

/** 'F02, 00:03:24' */
function nameOf(place: SegmentPlace): string {
  const whole = Math.floor(place.startS);
  const clock = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  return `${place.subject.split('/').at(-1)}, ${clock}`;
}
