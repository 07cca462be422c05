/** Fits a classifier to labels, tests it on whole subjects, trials or (leaking) windows beside the baselines, keeps the model and the report. */
import type { ArtifactInput, Manifest } from '#shared/artifacts.ts';
import {
  labelSegments,
  type LabelSpan,
  type LabelledSegment,
  type SegmentSource,
} from '#shared/eeg/segment.ts';
import { AppError } from '#shared/errors.ts';
import type { EvaluationFile } from '#shared/metrics.ts';
import type { ModelSummary } from '#shared/models.ts';
import type { FinetuneParams } from '#shared/params/finetune.ts';
import { createRandom, type Random } from '#shared/random.ts';
import { encodeSafetensors } from '#shared/safetensors.ts';
import { version } from '#shared/version.ts';
import { compareModels } from '#main/evaluation/comparison.ts';
import { refuseLeaks } from '#main/evaluation/leaks.ts';
import { planFolds, type SplitPlan } from '#main/evaluation/splits.ts';
import { artifactId, artifactKey, findArtifact, type ArtifactIdentity } from '#main/store/artifact.ts';
import { canonicalJson, sha256 } from '#main/store/canonical.ts';
import { openDraft } from '#main/store/draft.ts';
import { openSegmentStore } from '#main/store/segments.ts';
import { crossValidate } from '#main/training/recipes/cross-validate.ts';
import {
  emptyMemory,
  fitClassifier,
  type ClassifierKind,
  type FittedClassifier,
} from '#main/training/recipes/finetune.ts';
import type { JobContext, JobOutput } from './job.ts';
import { readPretrained } from './pretrain.ts';
import { openedArtifact, startJobEngine, stoppedIdentity, workKey } from './resources.ts';

export interface FinetuneSpec {
  segments: string;
  /** A pre-trained model or 'none'. */
  model: string;
  labels: LabelSpan[];
  params: FinetuneParams;
  /** Content hash of each recording, for the leak check. */
  hashes: Record<string, string>;
}

type Identity = ArtifactIdentity & { letter: string };
type Pretrained = Awaited<ReturnType<typeof readPretrained>>;

const names: Record<ClassifierKind, string> = {
  'art-gat': 'ART + GAT',
  eegnet: 'EEGNet',
  'band-power-lda': 'Band power + LDA',
};
const phases = ['Check for leaks', 'Split', 'Fit and test', 'Compare', 'Fit on all', 'Save and read back'];

export async function finetune(spec: FinetuneSpec, context: JobContext): Promise<JobOutput> {
  context.report({ type: 'phases', names: phases });
  context.report({ type: 'phase', index: 0 });
  const engine = await startJobEngine(context);
  const store = await openedArtifact(context.studyDir, spec.segments);
  await using source = await openSegmentStore(store.dir);
  const random = createRandom(spec.params.seed);
  const labelled = choose(
    labelSegments(source.segments, spec.labels),
    spec.params.maxSegments,
    random.fork('choice'),
  );
  const classes = [...new Set(labelled.map((segment) => segment.label))].sort();
  if (classes.length < 2) {
    throw new AppError(
      'no-data',
      `Of the ${source.segments.length} segments, ${labelled.length} lie wholly inside a labelled stretch, of ${classes.length} class. Segments may be longer than the labelled stretches; prepare shorter ones.`,
    );
  }
  const pretrained = spec.model === 'none' ? null : await readPretrained(context.studyDir, spec.model);
  const identity = identify(spec, engine.label, store.manifest, pretrained, labelled);
  const ids = {
    evaluation: artifactId('E', artifactKey(identity.evaluation)),
    model: artifactId('M', artifactKey(identity.model)),
  };

  const plan = planFolds(labelled, spec.params.split, spec.params.folds, random.fork('folds'));
  context.report({ type: 'phase', index: 1 });
  context.report({ type: 'note', level: plan.leaks ? 'warning' : 'info', text: plan.reason });
  const work: Work = { spec, context, source, labelled, classes, plan, pretrained, random };
  const evaluation = await evaluateFolds(work, identity.evaluation, ids.model);
  const model = await fitOnAll(work, identity.model, ids.evaluation, evaluation);
  return output(evaluation.manifest, model, evaluation.report);
}

interface Work {
  spec: FinetuneSpec;
  context: JobContext;
  source: SegmentSource;
  labelled: LabelledSegment[];
  classes: string[];
  plan: SplitPlan;
  pretrained: Pretrained | null;
  random: Random;
}

function identify(
  spec: FinetuneSpec,
  engine: string,
  segments: Manifest,
  pretrained: Pretrained | null,
  labelled: readonly LabelledSegment[],
): { evaluation: Identity; model: Identity } {
  const inputs: ArtifactInput[] = [
    { role: 'segments', id: segments.id, hash: segments.hash },
    { role: 'labels', id: 'labels', hash: sha256(canonicalJson(labelled)) },
    ...(pretrained ? [{ role: 'parent', id: pretrained.manifest.id, hash: pretrained.manifest.hash }] : []),
  ];
  const common = { params: spec.params, seed: spec.params.seed, engine, inputs };
  return {
    evaluation: { ...common, kind: 'evaluation', letter: 'E', method: 'evaluate/1' },
    model: { ...common, kind: 'model', letter: 'M', method: `finetune/${spec.params.architecture}/1` },
  };
}

async function evaluateFolds(
  work: Work,
  identity: Identity,
  model: string,
): Promise<{ manifest: Manifest; report: EvaluationFile }> {
  const { context, spec, source, labelled, classes, plan, pretrained, random } = work;
  const key = workKey(identity);
  const done = await findArtifact(context.studyDir, artifactKey(identity));
  if (done) return { manifest: done.manifest, report: await done.json<EvaluationFile>('report.json') };
  const started = performance.now();
  const kinds: ClassifierKind[] = [spec.params.architecture];
  if (spec.params.baselines)
    for (const kind of ['eegnet', 'band-power-lda'] as const) if (!kinds.includes(kind)) kinds.push(kind);
  const memory = emptyMemory();
  const models: { name: string; probabilities: Float32Array }[] = [];
  for (const [at, kind] of kinds.entries()) {
    context.report({ type: 'phase', index: at === 0 ? 2 : 3 });
    const checkpoints = context.checkpoints(`${key}-${kind}`);
    const crossed = await crossValidate(kind, source, labelled, plan.folds, classes, spec.params, {
      progress: context,
      random: random.fork(`cross-validation ${kind}`),
      checkpoints,
      memory,
      ...(kind === 'art-gat' && pretrained ? { pretrained: pretrained.network } : {}),
    });
    // Stopped by hand: only folds that every model finished can be compared.
    if (crossed.ended === 'by-hand')
      throw new AppError(
        'cancelled',
        `Stopped after ${crossed.folds.length} of ${plan.folds.length} folds; the same request goes on from there.`,
      );
    models.push({ name: at === 0 ? nameOf(work) : names[kind], probabilities: crossed.probabilities });
  }
  const rows = compareModels(
    {
      labelled,
      classes,
      folds: plan.folds,
      split: plan.split,
      random: random.fork('evaluation'),
      segments: source.segments,
      hashes: spec.hashes,
    },
    models,
  );
  const [first] = rows;
  refuseLeaks(first!.report.leaks, plan.split);
  const notes = [...first!.report.notes, ...plan.notes, ...(await transductionNote(work))];
  const report: EvaluationFile = {
    ...first!.report,
    notes,
    comparison: rows.map(({ name, report: { metrics }, difference, verdict }) => ({
      name,
      balancedAccuracy: metrics.balancedAccuracy,
      auroc: metrics.auroc,
      difference,
      verdict,
    })),
  };
  const draft = await openDraft(context.studyDir, identity);
  await draft.write('report.json', JSON.stringify(report));
  await draft.write('folds.json', JSON.stringify({ classes, labelled, folds: plan.folds }));
  for (const { name, probabilities } of models)
    await draft.write(
      `probabilities-${name.replace(/[^A-Za-z0-9]+/g, '-')}.f32`,
      new Uint8Array(probabilities.buffer, probabilities.byteOffset, probabilities.byteLength),
    );
  const { value, low, high } = report.metrics.balancedAccuracy;
  const manifest = await draft.commit({
    createdAt: context.now(),
    seconds: (performance.now() - started) / 1000,
    limbeck: version,
    summary: {
      model,
      split: plan.split,
      leaks: plan.leaks,
      balancedAccuracy: value,
      low,
      high,
      luck: report.chance.upTo,
      classes,
    },
  });
  for (const kind of kinds) await context.checkpoints(`${key}-${kind}`).remove();
  return { manifest, report };
}

async function fitOnAll(
  work: Work,
  identity: Identity,
  evaluation: string,
  tested: { report: EvaluationFile },
): Promise<Manifest> {
  const { context, spec, source, labelled, classes, pretrained, random } = work;
  const key = workKey(identity);
  const done = await findArtifact(context.studyDir, artifactKey(identity));
  if (done) return done.manifest;
  context.report({ type: 'phase', index: 4 });
  const started = performance.now();
  const checkpoints = context.checkpoints(key);
  const fitted = await fitClassifier(
    spec.params.architecture,
    source,
    labelled,
    [],
    classes,
    { ...spec.params, patience: 0 },
    {
      progress: context,
      random: random.fork('final'),
      checkpoints,
      ...(pretrained ? { pretrained: pretrained.network } : {}),
    },
  );
  context.report({ type: 'phase', index: 5 });
  const weights = encodeSafetensors(fitted.weights, { format: 'limbeck', recipe: spec.params.architecture });
  const isWhole = fitted.ended !== 'by-hand';
  const draft = await openDraft(context.studyDir, isWhole ? identity : stoppedIdentity(identity, weights));
  await draft.write('weights.safetensors', weights);
  await draft.write(
    'model.json',
    JSON.stringify({
      recipe: spec.params.architecture,
      spec: fitted.spec,
      classes,
      subjects: fitted.subjects,
    }),
  );
  await draft.write('curves.json', canonicalJson(fitted.curves));
  const manifest = await draft.commit({
    createdAt: context.now(),
    seconds: (performance.now() - started) / 1000,
    limbeck: version,
    summary: summarise(work, fitted, evaluation, tested.report),
  });
  if (isWhole) await checkpoints.remove();
  return manifest;
}

function summarise(
  { spec, labelled, classes, source }: Work,
  fitted: FittedClassifier,
  evaluation: string,
  report: EvaluationFile,
): ModelSummary {
  const { value, low, high } = report.metrics.balancedAccuracy;
  return {
    kind: 'classifier',
    recipe: spec.params.architecture,
    parent: spec.model === 'none' ? null : spec.model,
    parameters: fitted.parameters,
    segments: labelled.length,
    subjects: new Set(labelled.map((segment) => segment.subject)).size,
    subset: `${labelled.length} labelled segments`,
    electrodes: [...new Set(source.groups.flatMap((group) => group.electrodes))],
    classes,
    weights: fitted.report ? { loaded: fitted.report.loaded, of: fitted.report.of } : null,
    health: [],
    evaluation,
    headline:
      value === null
        ? null
        : {
            name: `Right answers, ${report.split === 'window' ? 'by windows (leaks)' : `by ${report.split}`}`,
            value,
            low,
            high,
            chance: report.chance.upTo,
            of: `${report.trials} clips of ${report.subjects} subjects`,
          },
    stoppedEarly: fitted.ended === 'by-hand',
  };
}

/** Learning without labels from people who are tested later is allowed, and said. */
async function transductionNote({ spec, context, pretrained, source, labelled }: Work): Promise<string[]> {
  if (!pretrained) return [];
  const artifact = await openedArtifact(context.studyDir, spec.model);
  const bytes = await artifact.bytes('subset.i32');
  const indices = new Int32Array(bytes.slice().buffer);
  if (artifact.manifest.inputs.find((input) => input.role === 'segments')?.id !== spec.segments) return [];
  const seen = new Set(Array.from(indices, (index) => source.segments[index]!.subject));
  const tested = [...new Set(labelled.map((segment) => segment.subject))].filter((subject) =>
    seen.has(subject),
  );
  return tested.length === 0
    ? []
    : [
        `The encoder was pre-trained without labels on segments of ${tested.length} of the tested subjects as well; their labels were never used.`,
      ];
}

/** At most so many, taken in turn from every subject and class. */
function choose(labelled: LabelledSegment[], most: number, random: Random): LabelledSegment[] {
  if (most === 0 || labelled.length <= most) return labelled;
  const cells = [...Map.groupBy(labelled, (segment) => `${segment.subject}\n${segment.label}`).values()].map(
    (cell) => Array.from(random.permutation(cell.length), (at) => cell[at]!),
  );
  const chosen: LabelledSegment[] = [];
  for (let turn = 0; chosen.length < most; turn++)
    for (const cell of cells) if (turn < cell.length && chosen.length < most) chosen.push(cell[turn]!);
  return chosen.sort((a, b) => a.index - b.index);
}

function nameOf({ spec }: Work): string {
  const name = names[spec.params.architecture];
  return spec.params.architecture === 'art-gat'
    ? `${name}, ${spec.model === 'none' ? 'not pre-trained' : `from ${spec.model}`}`
    : name;
}

function output(evaluation: Manifest, model: Manifest, report: EvaluationFile): JobOutput {
  const percent = (share: number | null) => (share === null ? 'unknown' : `${(100 * share).toFixed(1)} %`);
  const { value, low, high } = report.metrics.balancedAccuracy;
  const caution = report.caution ? ` ${report.caution}` : '';
  return {
    artifacts: [evaluation, model],
    result: `${model.id}: ${percent(value)} right on ${report.subjects} subjects (${percent(low)} – ${percent(high)}), split by ${report.split}; guessing could reach ${percent(report.chance.upTo)}.${caution}`,
    facts: {
      evaluation: evaluation.id,
      split: report.split,
      metrics: report.metrics,
      chance: report.chance,
      perSubject: report.perSubject,
      confusion: report.confusion,
      leaks: report.leaks,
      comparison: report.comparison,
      caution: report.caution,
      weights: (model.summary as ModelSummary).weights,
      engine: model.engine,
      seconds: evaluation.seconds + model.seconds,
    },
  };
}
