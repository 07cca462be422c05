/** EEG-DLite on a prepared store: learn to describe, describe all, reject the oddest, choose in order, compare. */
import type { ArtifactInput, Manifest } from '#shared/artifacts.ts';
import { keptAt } from '#shared/eeg/distillate.ts';
import { labelSegments, type LabelSpan, type SegmentGroup, type SegmentSource } from '#shared/eeg/segment.ts';
import { AppError } from '#shared/errors.ts';
import type { DistillParams } from '#shared/params/distill.ts';
import { createRandom } from '#shared/random.ts';
import { encodeSafetensors, type Tensors } from '#shared/safetensors.ts';
import { version } from '#shared/version.ts';
import type { Curve, DistillateView } from '#shared/views.ts';
import { encodeDistillate } from '#main/distillation/distillate-files.ts';
import { distil, type DistillInput, type DistillStage } from '#main/distillation/distill.ts';
import type { EngineName } from '#main/engine/engine.ts';
import { embed } from '#main/distillation/embed.ts';
import { projectFlat } from '#main/distillation/projection.ts';
import { compareMethods, countRetention, coverageCurves, shareGrid } from '#main/distillation/report.ts';
import { artifactKey, findArtifact, type ArtifactIdentity } from '#main/store/artifact.ts';
import { canonicalJson, sha256 } from '#main/store/canonical.ts';
import { openDraft } from '#main/store/draft.ts';
import { openSegmentStore } from '#main/store/segments.ts';
import { toCurves } from '#main/training/curves.ts';
import type { CompressorDescription } from '#main/training/recipes/compressor.ts';
import type { JobContext, JobOutput } from './job.ts';
import { openThreads } from './parallel.ts';
import { learnToDescribe } from './learn-to-describe.ts';
import { openedArtifact, startJobEngine, stoppedIdentity, workKey } from './resources.ts';
import { teamSize, withTeam } from './training-team.ts';

export interface DistillSpec {
  segments: string;
  params: DistillParams;
  /** For the tables of what was kept; they do not change the choice. */
  labels: LabelSpan[];
}

/** `view.json`: what the result screen shows at once, made once. */
export type DistillateViewFile = Omit<DistillateView, 'id' | 'hash' | 'createdAt' | 'params' | 'seed'>;

interface Described {
  embeddings: Float32Array;
  dimensions: number;
  /** null for groups too small to learn from or described without learning. */
  description: CompressorDescription | null;
  weights: Tensors;
  curves: Curve[];
  seconds: { learn: number; describe: number };
  /** Learning was cut short by hand. */
  stopped: boolean;
}

const phases = [
  'Learn to describe',
  'Describe all',
  'Reject odd, choose in order, compare',
  'Save and read back',
];

export async function distill(spec: DistillSpec, context: JobContext): Promise<JobOutput> {
  context.report({ type: 'phases', names: phases });
  context.report({ type: 'phase', index: 0 });
  const engine = await startJobEngine(context);
  const store = await openedArtifact(context.studyDir, spec.segments);
  await using source = await openSegmentStore(store.dir);
  const labelled = labelSegments(source.segments, spec.labels);
  const inputs: ArtifactInput[] = [
    { role: 'segments', id: store.manifest.id, hash: store.manifest.hash },
    { role: 'labels', id: 'labels', hash: sha256(canonicalJson(labelled)) },
  ];
  const identity: ArtifactIdentity & { letter: string } = {
    kind: 'distillate',
    letter: 'D',
    method: 'eeg-dlite/1',
    params: spec.params,
    seed: spec.params.seed,
    engine: engine.label,
    inputs,
  };
  const done = await findArtifact(context.studyDir, artifactKey(identity));
  const work = workKey(identity);
  if (done) return output(done.manifest, await done.json<DistillateViewFile>('view.json'));

  const started = performance.now();
  const described: Described[] = [];
  for (const [at, group] of source.groups.entries())
    described.push(
      await describe(
        spec.params,
        source,
        group,
        { key: `${work}-${at}`, engine: engine.name, store: store.dir, at },
        context,
      ),
    );
  context.report({ type: 'phase', index: 2 });
  const distillInputs = source.groups.map((group, at): DistillInput => ({
    group,
    segments: source.segments.slice(group.first, group.first + group.count),
    embeddings: described[at]!.embeddings,
    dimensions: described[at]!.dimensions,
  }));
  await using threads = openThreads(context.workers);
  const stages = createStopwatch<DistillStage>();
  const distillate = await distil(distillInputs, spec.params, {
    source,
    parallel: threads,
    progress: context,
    stage: stages.begin,
  });
  const { outliers = 0, select = 0, compare = 0 } = stages.end();

  context.report({ type: 'phase', index: 3 });
  const shares = shareGrid(distillate);
  // Choosing, too, ends early when told to stop and keep.
  const stopped = context.stopRequested() || described.some((each) => each.stopped);
  const draft = await openDraft(
    context.studyDir,
    stopped
      ? stoppedIdentity(
          identity,
          ...described.map((each) => bytesOf(each.embeddings)),
          ...distillate.groups.map((group) => bytesOf(group.chosen.order)),
        )
      : identity,
  );
  for (const [path, content] of Object.entries(encodeDistillate(distillate)))
    await draft.write(path, content);
  for (const [at, { embeddings, description, weights, curves }] of described.entries()) {
    await draft.write(`group-${at}/embeddings.f32`, bytesOf(embeddings));
    if (description) {
      await draft.write(
        `group-${at}/compressor.safetensors`,
        encodeSafetensors(weights, { format: 'limbeck', recipe: 'eeg-dlite' }),
      );
      // Canonical: what comes back from a checkpoint has its members in another order.
      await draft.write(`group-${at}/compressor.json`, canonicalJson(description));
    }
    await draft.write(`group-${at}/curves.json`, canonicalJson(curves));
  }
  await writeMap(
    draft,
    source,
    described,
    distillate.groups.map((group) => [
      ...group.rejected.map((segment) => segment.index - group.first),
      ...Array.from(group.chosen.order, (index) => index - group.first),
    ]),
  );
  const view: DistillateViewFile = {
    seconds: {
      compress: sum(described.map((each) => each.seconds.learn)),
      embed: sum(described.map((each) => each.seconds.describe)),
      outliers,
      select,
      compare,
    },
    segments: source.segments.length,
    hours: sum(source.groups.map((group) => (group.count * group.samples) / group.sfreqHz)) / 3600,
    keep: distillate.keep,
    orderUpTo: distillate.orderUpTo,
    kept: sum(distillate.groups.map((group) => keptAt(group, distillate.keep))),
    rejected: sum(distillate.groups.map((group) => group.rejected.length)),
    radius: compareMethods(distillate, distillate.keep)[0]?.radius ?? 0,
    groups: distillate.groups.map((group) => {
      const kept = keptAt(group, distillate.keep);
      return {
        name: group.name,
        segments: group.count,
        kept,
        rejected: group.rejected.length,
        radius: (group.chosen.coverage[kept - 1] ?? 0) / (group.unit ?? 1),
      };
    }),
    curve: { share: shares, methods: coverageCurves(distillate, shares) },
    methods: compareMethods(distillate, distillate.keep),
    tables: countRetention(distillate, source.segments, labelled, shares),
    health: distillate.groups.flatMap((group) =>
      group.health.map((note) => ({ ...note, text: `${group.name}: ${note.text}` })),
    ),
  };
  await draft.write('view.json', JSON.stringify(withoutSeconds(view)));
  const manifest = await draft.commit({
    createdAt: context.now(),
    seconds: (performance.now() - started) / 1000,
    limbeck: version,
    summary: {
      segments: view.segments,
      kept: view.kept,
      rejected: view.rejected,
      keep: view.keep,
      orderUpTo: view.orderUpTo,
      radius: view.radius,
      seconds: view.seconds,
    },
  });
  for (const at of stopped ? [] : source.groups.keys())
    await Promise.all([
      context.checkpoints(`${work}-${at}`).remove(),
      context.checkpoints(`${work}-${at}-described`).remove(),
    ]);
  return output(manifest, view);
}

/** Seconds spent in each stage, however often it comes. */
function createStopwatch<Stage extends string>(): {
  begin(stage: Stage): void;
  end(): Partial<Record<Stage, number>>;
} {
  const seconds: Partial<Record<Stage, number>> = {};
  let running: { stage: Stage; since: number } | null = null;
  const stop = () => {
    if (running)
      seconds[running.stage] = (seconds[running.stage] ?? 0) + (performance.now() - running.since) / 1000;
    running = null;
  };
  return {
    begin(stage) {
      stop();
      running = { stage, since: performance.now() };
    },
    end() {
      stop();
      return seconds;
    },
  };
}

/** Trains the compressor of one group and describes its segments; a finished group survives an interruption. */
async function describe(
  params: DistillParams,
  source: SegmentSource,
  group: SegmentGroup,
  { key, engine, store, at }: { key: string; engine: EngineName; store: string; at: number },
  context: JobContext,
): Promise<Described> {
  const finished = context.checkpoints(`${key}-described`);
  const saved = await finished.load();
  if (saved) {
    const { embeddings, ...weights } = saved.tensors;
    return {
      embeddings: embeddings!.data,
      dimensions: embeddings!.shape[1]!,
      weights,
      ...(saved.state as Pick<Described, 'description' | 'curves' | 'seconds'>),
      stopped: false,
    };
  }
  context.report({ type: 'phase', index: 0 });
  context.report({
    type: 'note',
    level: 'info',
    text: `${group.name}: ${group.count} segments of ${group.electrodes.length} sites.`,
  });
  const learning = performance.now();
  // the checkpoint belongs to this run: it goes when the run is thrown away
  context.checkpoints(key);
  const task = { studyDir: context.studyDir, params, group: at, key };
  const compressor = await withTeam(teamSize(engine, params.threads), { engine, store, task }, (team) =>
    learnToDescribe(task, source, context, team),
  );
  const describing = performance.now();
  context.report({ type: 'phase', index: 1 });
  try {
    const embeddings = await embed(source, group, compressor, context);
    if (!embeddings.every(Number.isFinite)) {
      throw new AppError(
        'diverged',
        `The description of ${group.name} holds values that are no numbers. Start again with another seed, or with --log-magnitude.`,
      );
    }
    const dimensions = embeddings.length / group.count;
    const weights = await compressor.weights.save();
    const curves = toCurves(`Reconstruction error, ${group.name}`, compressor.trained.history);
    const { description } = compressor;
    const seconds = {
      learn: (describing - learning) / 1000,
      describe: (performance.now() - describing) / 1000,
    };
    const stopped = compressor.trained.ended === 'by-hand';
    if (!stopped)
      await finished.save({
        tensors: { ...weights, embeddings: { shape: [group.count, dimensions], data: embeddings } },
        state: { description, curves, seconds },
      });
    return { embeddings, dimensions, description, weights, curves, seconds, stopped };
  } finally {
    compressor.weights.dispose();
  }
}

/** Flat maps of the groups, side by side: every group in its own square, since their descriptions have nothing in common. */
async function writeMap(
  draft: { write(path: string, content: Uint8Array): Promise<void> },
  source: SegmentSource,
  described: readonly Described[],
  first: readonly number[][],
): Promise<void> {
  const indices: number[] = [];
  const points: number[] = [];
  const columns = Math.ceil(Math.sqrt(source.groups.length));
  source.groups.forEach((group, at) => {
    const { embeddings, dimensions } = described[at]!;
    const flat = projectFlat(embeddings, dimensions, createRandom(0).fork(`map/${group.name}`), first[at]!);
    flat.rows.forEach((row, i) => {
      indices.push(group.first + row);
      points.push(
        flat.points[2 * i]! + 2.3 * (at % columns),
        flat.points[2 * i + 1]! - 2.3 * Math.floor(at / columns),
      );
    });
  });
  await draft.write('map-index.i32', bytesOf(Int32Array.from(indices)));
  await draft.write('map-points.f32', bytesOf(Float32Array.from(points)));
}

/** Seconds differ from run to run and would change the hash; they stand in the manifest's summary. */
function withoutSeconds(view: DistillateViewFile): Omit<DistillateViewFile, 'seconds'> {
  const { seconds: _, ...lasting } = view;
  return lasting;
}

function bytesOf(array: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function output(manifest: Manifest, view: DistillateViewFile): JobOutput {
  const { kept, segments, rejected, keep, radius, methods } = view;
  const chance = methods.find((method) => method.name === 'random');
  return {
    artifacts: [manifest],
    result: `${manifest.id}: kept ${kept} of ${segments} segments (${Number((100 * keep).toFixed(2))} %), rejected ${rejected}; the farthest left out differs by ${radius.toFixed(1)}${chance ? `, by chance ${chance.radius.toFixed(1)}` : ''}.`,
    facts: {
      segments,
      kept,
      outliers: rejected,
      radius,
      methods: methods.map(({ name, kept: count, radius: farthest, overlap }) => ({
        name,
        kept: count,
        radius: farthest,
        overlap,
      })),
      seconds: manifest.summary['seconds'],
      health: view.health,
      engine: manifest.engine,
    },
  };
}
