/** Pre-trains a model without labels on a distillate, on everything, or on a random share. */
import type { Manifest } from '#shared/artifacts.ts';
import type { SegmentSource } from '#shared/eeg/segment.ts';
import { AppError } from '#shared/errors.ts';
import type { CurvesFile, ModelSummary } from '#shared/models.ts';
import type { PretrainParams } from '#shared/params/pretrain.ts';
import { createRandom } from '#shared/random.ts';
import { decodeSafetensors, encodeSafetensors } from '#shared/safetensors.ts';
import { version } from '#shared/version.ts';
import { pretrainArt, type PretrainResult, type PretrainedArt } from '#main/training/recipes/pretrain-art.ts';
import { artifactKey, findArtifact, type ArtifactIdentity } from '#main/store/artifact.ts';
import { canonicalJson } from '#main/store/canonical.ts';
import { openDraft } from '#main/store/draft.ts';
import { openSegmentStore } from '#main/store/segments.ts';
import { chosenSegments, openDistillate } from './distillates.ts';
import type { JobContext, JobOutput } from './job.ts';
import { openedArtifact, startJobEngine, stoppedIdentity, workKey } from './resources.ts';

export interface PretrainSpec {
  segments: string;
  /** A distillate's id, 'full' or 'random'. */
  subset: string;
  /** Share; 0: as distilled. */
  keep: number;
  /** Another method of the distillate's comparison. */
  by: string;
  /** '' for none. */
  parent: string;
  params: PretrainParams;
}

interface Subset {
  indices: Int32Array;
  words: string;
  manifest: Manifest | null;
}

export async function pretrain(spec: PretrainSpec, context: JobContext): Promise<JobOutput> {
  context.report({ type: 'phases', names: ['Read segments', 'Learn', 'Save and read back'] });
  context.report({ type: 'phase', index: 0 });
  const engine = await startJobEngine(context);
  const store = await openedArtifact(context.studyDir, spec.segments);
  await using source = await openSegmentStore(store.dir);
  const subset = await readSubset(spec, source, context);
  const parent = spec.parent === '' ? null : await readPretrained(context.studyDir, spec.parent);
  const identity: ArtifactIdentity & { letter: string } = {
    kind: 'model',
    letter: 'P',
    method: 'pretrain/one-model-for-all/1',
    params: {
      ...spec.params,
      subset: spec.subset === 'full' || spec.subset === 'random' ? spec.subset : 'distillate',
      keep: spec.keep,
      by: spec.by,
    },
    seed: spec.params.seed,
    engine: engine.label,
    inputs: [
      { role: 'segments', id: store.manifest.id, hash: store.manifest.hash },
      ...(subset.manifest ? [{ role: 'subset', id: subset.manifest.id, hash: subset.manifest.hash }] : []),
      ...(parent ? [{ role: 'parent', id: parent.manifest.id, hash: parent.manifest.hash }] : []),
    ],
  };
  const done = await findArtifact(context.studyDir, artifactKey(identity));
  if (done) return output(done.manifest, await done.json<CurvesFile>('curves.json'));
  const started = performance.now();
  context.report({ type: 'phase', index: 1 });
  const checkpoints = context.checkpoints(workKey(identity));
  const result = await pretrainArt(source, subset.indices, spec.params, {
    progress: context,
    checkpoints,
    random: createRandom(spec.params.seed),
    ...(parent ? { parent: parent.network } : {}),
  });
  context.report({ type: 'phase', index: 2 });
  const weights = encodeSafetensors(result.weights, { format: 'limbeck', recipe: spec.params.recipe });
  const isWhole = result.ended !== 'by-hand';
  const draft = await openDraft(context.studyDir, isWhole ? identity : stoppedIdentity(identity, weights));
  await draft.write('weights.safetensors', weights);
  await draft.write(
    'model.json',
    JSON.stringify({
      recipe: spec.params.recipe,
      config: result.config,
      heldOut: result.heldOut,
      steps: result.steps,
      passes: result.passes,
      effectiveRank: result.health.effectiveRank,
    }),
  );
  await draft.write('curves.json', canonicalJson(result.curves));
  await draft.write(
    'subset.i32',
    new Uint8Array(subset.indices.buffer, subset.indices.byteOffset, subset.indices.byteLength),
  );
  const manifest = await draft.commit({
    createdAt: context.now(),
    seconds: (performance.now() - started) / 1000,
    limbeck: version,
    summary: summarise(spec, subset, source, result),
  });
  if (isWhole) await checkpoints.remove();
  return output(manifest, result.curves);
}

async function readSubset(spec: PretrainSpec, source: SegmentSource, context: JobContext): Promise<Subset> {
  const total = source.segments.length;
  if (spec.subset === 'full')
    return {
      indices: Int32Array.from({ length: total }, (_, at) => at),
      words: `all ${total} segments`,
      manifest: null,
    };
  if (spec.subset === 'random') {
    const share = spec.keep || 0.05;
    const random = createRandom(spec.params.seed).fork('subset');
    // Per source data set and without replacement, as the selection it is compared with.
    const indices = source.groups.flatMap((group) => {
      const count = Math.max(1, Math.floor(share * group.count + 1e-9));
      return Array.from(
        random.fork(group.name).permutation(group.count).subarray(0, count),
        (at) => group.first + at,
      );
    });
    return {
      indices: Int32Array.from(indices).sort(),
      words: `random ${percent(share)}, ${indices.length} segments`,
      manifest: null,
    };
  }
  const distillate = await openDistillate(context.studyDir, spec.subset);
  const indices = chosenSegments(distillate, spec.keep, spec.by);
  const share = percent(spec.keep || distillate.keep);
  return {
    indices,
    words: `${spec.by || 'distilled'} ${share} (${spec.subset}), ${indices.length} segments`,
    manifest: distillate.manifest,
  };
}

export async function readPretrained(
  studyDir: string,
  id: string,
): Promise<{ network: PretrainedArt; manifest: Manifest }> {
  const artifact = await openedArtifact(studyDir, id);
  const summary = artifact.manifest.summary as ModelSummary;
  if (summary.kind !== 'pretrained') {
    throw new AppError('invalid-input', `${id} is a ${summary.kind} model; choose a pre-trained one (P-…).`);
  }
  const { config } = await artifact.json<{ config: PretrainedArt['config'] }>('model.json');
  const { tensors } = decodeSafetensors(await artifact.bytes('weights.safetensors'));
  return { network: { config, weights: tensors }, manifest: artifact.manifest };
}

function summarise(
  spec: PretrainSpec,
  subset: Subset,
  source: SegmentSource,
  result: PretrainResult,
): ModelSummary {
  const subjects = new Set(Array.from(subset.indices, (index) => source.segments[index]!.subject));
  return {
    kind: 'pretrained',
    recipe: spec.params.recipe,
    parent: spec.parent || null,
    parameters: result.parameters,
    segments: subset.indices.length,
    subjects: subjects.size,
    subset: subset.words,
    electrodes: [...result.config.vocabulary],
    classes: [],
    weights: result.report ? { loaded: result.report.loaded, of: result.report.of } : null,
    health: result.health.lines,
    evaluation: null,
    headline: result.heldOut && {
      name: 'Held-out views that find their twin',
      value: result.heldOut.matching,
      low: null,
      high: null,
      chance: result.heldOut.chance,
      of: `${result.heldOut.samples} channels of ${subjectsInWords(result.heldOut.subjects.length)}`,
    },
    stoppedEarly: result.ended === 'by-hand',
  };
}

function output(manifest: Manifest, curves: CurvesFile): JobOutput {
  const summary = manifest.summary as ModelSummary;
  const headline = summary.headline;
  return {
    artifacts: [manifest],
    result: `${manifest.id} learned from ${summary.subset} of ${summary.subjects} subjects${headline ? `; ${percent(headline.value)} of held-out views find their twin, ${percent(headline.chance ?? 0)} by guessing` : ''}.`,
    facts: {
      parameters: summary.parameters,
      curves,
      segments: summary.segments,
      subset: summary.subset,
      heldOut: headline,
      health: summary.health,
      engine: manifest.engine,
      seconds: manifest.seconds,
    },
  };
}

const subjectsInWords = (count: number) => (count === 1 ? '1 subject' : `${count} subjects`);

const percent = (share: number) => `${Number((100 * share).toFixed(1))} %`;
