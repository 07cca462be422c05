/** Turns what somebody asked for into what a job needs: ids filled in, files and labels looked up in the catalog. */
import { join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import type { ArtifactKind, Manifest } from '#shared/artifacts.ts';
import { toCommand } from '#shared/command.ts';
import { schemaSite } from '#shared/eeg/channel-schema.ts';
import type { Channel } from '#shared/eeg/recording.ts';
import type { LabelSpan } from '#shared/eeg/segment.ts';
import type { JobInput } from '#shared/job-input.ts';
import { entriesOf } from './channel-entries.ts';
import type { Catalog } from '#main/catalog/catalog.ts';
import type {
  CalibrateSpec,
  DistillSpec,
  ExportSpec,
  FinetuneSpec,
  ImportSpec,
  PrepareSpec,
  PretrainSpec,
  SampleSpec,
} from '#main/jobs/jobs.ts';

export interface JobPlan {
  title: string;
  /** The request with ids filled in, as it is stored and shown. */
  input: Record<string, unknown>;
  command: string;
  spec: unknown;
}

/** @throws AppError 'no-data' | 'not-found' when what the job needs is not there, saying which step makes it */
export function planJob(catalog: Catalog, request: JobInput): JobPlan {
  const input = fillIn(catalog, request);
  const { title, spec } = plan(catalog, input);
  return { title, spec, input, command: toCommand(catalog.studyDir, input) };
}

function plan(catalog: Catalog, input: JobInput): { title: string; spec: unknown } {
  switch (input.kind) {
    case 'sample': {
      const spec: SampleSpec = {
        params: input.params,
        folder: join(catalog.studyDir, 'sample-recordings'),
        known: knownRecordings(catalog),
      };
      return { title: 'Make the sample study', spec };
    }
    case 'import':
      return { title: `Add ${input.paths.map(lastPart).join(', ')}`, spec: importSpec(catalog, input) };
    case 'prepare':
      return { title: 'Prepare segments', spec: prepareSpec(catalog, input) };
    case 'distill': {
      const spec: DistillSpec = {
        segments: input.segments,
        params: input.params,
        labels: allLabels(catalog),
      };
      return { title: `Distil ${input.segments}`, spec };
    }
    case 'pretrain': {
      const { segments, subset, keep, by, parent, params } = input;
      const spec: PretrainSpec = { segments, subset, keep, by, parent, params };
      return { title: `Pre-train on ${by ? `${by} of ` : ''}${subset}`, spec };
    }
    case 'finetune': {
      const spec: FinetuneSpec = {
        segments: input.segments,
        model: input.model,
        labels: labelsFor(catalog, input.labels, input.dataset),
        params: input.params,
        hashes: contentHashes(catalog),
      };
      return { title: `Fine-tune ${input.model === 'none' ? 'from scratch' : input.model}`, spec };
    }
    case 'calibrate': {
      const spec: CalibrateSpec = {
        segments: input.segments,
        model: input.model,
        labels: labelsFor(catalog, input.labels, input.dataset),
        params: input.params,
      };
      return { title: `Calibrate ${input.model} to ${input.params.subject}`, spec };
    }
    case 'export':
      return {
        title: `Export ${input.params.id} as ${input.params.formats.join(', ')}`,
        spec: exportSpec(catalog, input),
      };
  }
}

type Of<K extends JobInput['kind']> = Extract<JobInput, { kind: K }>;

function importSpec(catalog: Catalog, input: Of<'import'>): ImportSpec {
  return {
    paths: input.paths,
    dataset: input.dataset,
    labels: input.labels,
    known: knownRecordings(catalog),
  };
}

function knownRecordings(catalog: Catalog): ImportSpec['known'] {
  return catalog.recordings.list().map((recording) => ({
    id: recording.id,
    path: recording.path,
    relativePath: recording.relativePath,
    dataset: recording.dataset,
    bytes: recording.bytes,
    modifiedMs: recording.modifiedMs,
    durationS: recording.durationS,
    sha256: recording.sha256,
  }));
}

function prepareSpec(catalog: Catalog, input: Of<'prepare'>): PrepareSpec {
  const recordings = catalog.recordings
    .list()
    .filter((recording) => recording.refusal === null && recording.duplicateOf === null)
    .filter((recording) => input.datasets.length === 0 || input.datasets.includes(recording.dataset));
  const unknown = input.datasets.filter((name) => !catalog.recordings.datasets().includes(name));
  if (unknown.length > 0) {
    throw new AppError(
      'not-found',
      `There is no data set ${unknown.join(', ')} in this study; there are ${catalog.recordings.datasets().join(', ') || 'none'}.`,
    );
  }
  if (recordings.length === 0) {
    throw new AppError('no-data', 'This study has no usable recordings yet. Add a folder first.');
  }
  return {
    params: input.params,
    recordings: recordings.map((recording) => {
      const bad = catalog.marks.badChannels(recording.id);
      const channels = catalog.recordings.channels(recording.id);
      return {
        id: recording.id,
        path: recording.path,
        sha256: recording.sha256,
        bytes: recording.bytes,
        modifiedMs: recording.modifiedMs,
        dataset: recording.dataset,
        subject: recording.subject,
        durationS: recording.durationS,
        spans: catalog.recordings.spans(recording.id),
        channels: usableChannels(catalog, recording.id, channels, bad),
      };
    }),
  };
}

/** The first good channel of each site; the lab's answers and bad marks count. */
function usableChannels(
  catalog: Catalog,
  recording: string,
  channels: readonly Channel[],
  bad: ReadonlySet<number>,
): PrepareSpec['recordings'][number]['channels'] {
  const taken = new Set<string>();
  return entriesOf(catalog, recording).flatMap((entry) => {
    const channel = channels[entry.position]!;
    const electrode = schemaSite(entry);
    if (
      electrode === null ||
      taken.has(electrode) ||
      channel.disabled !== undefined ||
      bad.has(entry.position)
    )
      return [];
    taken.add(electrode);
    return [
      {
        position: entry.position,
        electrode,
        sfreqHz: channel.sfreqHz,
        factor: entry.toMicrovolt / channel.toMicrovolt,
      },
    ];
  });
}

function exportSpec(catalog: Catalog, input: Of<'export'>): ExportSpec {
  const recordings = catalog.recordings.list();
  return {
    params: input.params,
    labels: allLabels(catalog),
    lineage: lineage(catalog, input.params.id),
    recordings: recordings.map((recording) => ({
      id: recording.id,
      path: recording.path,
      dataset: recording.dataset,
      subject: recording.subject,
      sha256: recording.sha256,
      startedAt: recording.startedAt,
      patient: '',
      annotations: catalog.recordings.annotations(recording.id),
    })),
  };
}

/** The artifact and everything it was made from, itself first. */
export function lineage(catalog: Catalog, id: string): Manifest[] {
  const seen = new Map<string, Manifest>();
  const visit = (each: string) => {
    const manifest = seen.has(each) ? undefined : catalog.artifacts.get(each);
    if (!manifest) return;
    seen.set(each, manifest);
    for (const input of manifest.inputs) visit(input.id);
  };
  visit(id);
  return [...seen.values()];
}

/** What counts as labels in the whole study. */
export function allLabels(catalog: Catalog): LabelSpan[] {
  return catalog.labels.chosen(new Set(catalog.recordings.list().map((recording) => recording.id)));
}

function labelsFor(catalog: Catalog, wanted: readonly string[], dataset: string): LabelSpan[] {
  const recordings = catalog.recordings
    .list()
    .filter((recording) => dataset === '' || recording.dataset === dataset);
  const all = catalog.labels.chosen(new Set(recordings.map((recording) => recording.id)));
  const found = all.filter((span) => wanted.length === 0 || wanted.includes(span.label));
  if (new Set(found.map((span) => span.label)).size < 2) {
    const present = [...new Set(all.map((span) => span.label))].sort();
    throw new AppError(
      'no-data',
      `At least two different labels are needed; ${present.length === 0 ? 'no recording has any' : `there are ${present.join(', ')}`}. Add a label table with "import --labels".`,
      { details: { present } },
    );
  }
  return found;
}

function contentHashes(catalog: Catalog): Record<string, string> {
  return Object.fromEntries(catalog.recordings.list().map((recording) => [recording.id, recording.sha256]));
}

/** Ids left empty mean the newest artifact of the kind. */
function fillIn(catalog: Catalog, input: JobInput): JobInput {
  switch (input.kind) {
    case 'sample':
    case 'import':
    case 'prepare':
      return input;
    case 'distill':
      return { ...input, segments: newest(catalog, 'segments', input.segments) };
    case 'pretrain': {
      const distillate = !['full', 'random'].includes(input.subset);
      if (!distillate) refuseContradiction(input);
      const subset = distillate ? newest(catalog, 'distillate', input.subset) : input.subset;
      const made = distillate ? catalog.artifacts.get(subset) : undefined;
      const own = made?.inputs.find((each) => each.role === 'segments')?.id ?? '';
      return { ...input, subset, segments: newest(catalog, 'segments', input.segments || own) };
    }
    case 'finetune':
    case 'calibrate': {
      const model =
        input.model === 'none' && input.kind === 'finetune'
          ? 'none'
          : newest(catalog, 'model', input.model, input.kind === 'finetune' ? 'pretrained' : undefined);
      const own = catalog.artifacts.get(model)?.inputs.find((each) => each.role === 'segments')?.id ?? '';
      return { ...input, model, segments: newest(catalog, 'segments', input.segments || own) };
    }
    case 'export': {
      const kind: ArtifactKind =
        input.params.what === 'subset'
          ? 'distillate'
          : input.params.what === 'model'
            ? 'model'
            : 'evaluation';
      return { ...input, params: { ...input.params, id: newest(catalog, kind, input.params.id) } };
    }
  }
}

/** Ways of choosing belong to a distillate; all segments are all, and drawing needs no more than a share. */
function refuseContradiction({ subset, by, keep }: Of<'pretrain'>): void {
  const extra = by !== '' ? `by "${by}"` : subset === 'full' && keep > 0 ? `a share of ${keep}` : null;
  if (extra !== null)
    throw new AppError(
      'invalid-input',
      `The subset "${subset}" cannot be chosen ${extra}. Leave that out, or name a distillate (D-…) as the subset.`,
    );
}

const madeBy: Record<ArtifactKind, string> = {
  segments: 'prepare the recordings first',
  distillate: 'distil first',
  model: 'pre-train first',
  evaluation: 'fine-tune first',
  export: 'export first',
};

function newest(catalog: Catalog, kind: ArtifactKind, id: string, modelKind?: string): string {
  if (id !== '') {
    const manifest = catalog.artifacts.get(id);
    if (manifest?.kind === kind) return id;
    const there = catalog.artifacts.list(kind).map((each) => each.id);
    throw new AppError(
      'not-found',
      `There is no ${kind === 'segments' ? 'set of segments' : kind} ${id} in this study; there ${there.length === 1 ? 'is' : 'are'} ${there.join(', ') || 'none'}.`,
    );
  }
  const found = catalog.artifacts
    .list(kind)
    .find((each) => modelKind === undefined || each.summary['kind'] === modelKind);
  if (!found) throw new AppError('no-data', `There is nothing to work on yet: ${madeBy[kind]}.`);
  return found.id;
}

function lastPart(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}
