/** Fits a model to one subject with few labelled minutes, on a base that never met that subject. */
import type { Manifest } from '#shared/artifacts.ts';
import { labelSegments, type LabelSpan } from '#shared/eeg/segment.ts';
import { AppError } from '#shared/errors.ts';
import type { CalibrationFile, ModelSummary } from '#shared/models.ts';
import { finetuneParams, type CalibrateParams } from '#shared/params/finetune.ts';
import { createRandom } from '#shared/random.ts';
import { encodeSafetensors } from '#shared/safetensors.ts';
import { version } from '#shared/version.ts';
import { chanceLevel } from '#main/evaluation/chance.ts';
import { validationFromTraining } from '#main/evaluation/splits.ts';
import { artifactKey, findArtifact, type ArtifactIdentity } from '#main/store/artifact.ts';
import { canonicalJson, sha256 } from '#main/store/canonical.ts';
import { openDraft } from '#main/store/draft.ts';
import { openSegmentStore } from '#main/store/segments.ts';
import { calibrateSubject, type Calibrated } from '#main/training/recipes/calibrate.ts';
import { fitClassifier } from '#main/training/recipes/finetune.ts';
import type { JobContext, JobOutput } from './job.ts';
import { readPretrained } from './pretrain.ts';
import { openedArtifact, startJobEngine, stoppedIdentity, workKey } from './resources.ts';

export interface CalibrateSpec {
  segments: string;
  /** A pre-trained or fitted model; of a fitted one its pre-trained parent is taken, so that the base never met the subject. */
  model: string;
  labels: LabelSpan[];
  params: CalibrateParams;
}

export async function calibrate(spec: CalibrateSpec, context: JobContext): Promise<JobOutput> {
  context.report({
    type: 'phases',
    names: ['Check for leaks', 'Fit without the subject', 'Fit to the subject', 'Save and read back'],
  });
  context.report({ type: 'phase', index: 0 });
  const engine = await startJobEngine(context);
  const store = await openedArtifact(context.studyDir, spec.segments);
  await using source = await openSegmentStore(store.dir);
  const { subject, seed } = spec.params;
  const labelled = labelSegments(source.segments, spec.labels);
  const own = labelled.filter((segment) => segment.subject === subject);
  const others = labelled.filter((segment) => segment.subject !== subject);
  if (own.length === 0) {
    const subjects = [...new Set(labelled.map((segment) => segment.subject))].sort();
    throw new AppError(
      'not-found',
      `${subject} has no labelled segments; those who have are ${subjects.join(', ') || 'none'}.`,
      { details: { subjects } },
    );
  }
  const parent = await pretrainedOf(context.studyDir, spec.model);
  const identity: ArtifactIdentity & { letter: string } = {
    kind: 'model',
    letter: 'M',
    method: 'calibrate/1',
    params: spec.params,
    seed,
    engine: engine.label,
    inputs: [
      { role: 'segments', id: store.manifest.id, hash: store.manifest.hash },
      { role: 'labels', id: 'labels', hash: sha256(canonicalJson(labelled)) },
      { role: 'parent', id: parent.manifest.id, hash: parent.manifest.hash },
    ],
  };
  const key = workKey(identity);
  const done = await findArtifact(context.studyDir, artifactKey(identity));
  if (done) return output(done.manifest, await done.json<CalibrationFile>('calibration.json'));

  const started = performance.now();
  const random = createRandom(seed);
  const classes = [...new Set(labelled.map((segment) => segment.label))].sort();
  context.report({ type: 'phase', index: 1 });
  const split = validationFromTraining(others, [...others.keys()], random.fork('validation'));
  const baseCheckpoints = context.checkpoints(`${key}-base`);
  const base = await fitClassifier(
    'art-gat',
    source,
    split.train.map((at) => others[at]!),
    split.validation.map((at) => others[at]!),
    classes,
    finetuneParams.parse({ encoderRate: 0, passes: spec.params.passes, seed }),
    {
      progress: context,
      random: random.fork('base'),
      checkpoints: baseCheckpoints,
      pretrained: parent.network,
    },
  );
  context.report({ type: 'phase', index: 2 });
  const checkpoints = context.checkpoints(key);
  const calibrated = await calibrateSubject(base, source, own, spec.params, {
    progress: context,
    random: random.fork('subject'),
    checkpoints,
  });
  context.report({ type: 'phase', index: 3 });
  const file = curveFile(
    subject,
    classes,
    calibrated,
    own.map((segment) => classes.indexOf(segment.label)),
  );
  const weights = encodeSafetensors(calibrated.weights, { format: 'limbeck', recipe: 'art-gat' });
  const points = JSON.stringify(file);
  const isWhole = calibrated.ended !== 'by-hand';
  const draft = await openDraft(
    context.studyDir,
    isWhole ? identity : stoppedIdentity(identity, weights, new TextEncoder().encode(points)),
  );
  await draft.write('weights.safetensors', weights);
  await draft.write(
    'model.json',
    JSON.stringify({
      recipe: 'art-gat',
      spec: calibrated.spec,
      classes,
      subjects: [...base.subjects, subject],
    }),
  );
  await draft.write('curves.json', canonicalJson(base.curves));
  await draft.write('calibration.json', points);
  const last = file.points.at(-1);
  const summary: ModelSummary = {
    kind: 'calibrated',
    recipe: 'art-gat',
    parent: parent.manifest.id,
    parameters: base.parameters,
    segments: own.length,
    subjects: 1,
    subset: `${calibrated.used.toFixed(1)} labelled minutes of ${subject}`,
    electrodes: [...new Set(source.groups.flatMap((group) => group.electrodes))],
    classes,
    weights: base.report ? { loaded: base.report.loaded, of: base.report.of } : null,
    health: [],
    evaluation: null,
    headline: last
      ? {
          name: `Right answers with ${last.minutes.toFixed(1)} labelled minutes`,
          value: last.accuracy,
          low: last.low,
          high: last.high,
          chance: file.luck,
          ...(last.trials === undefined ? {} : { of: `${last.trials} clips` }),
        }
      : null,
    stoppedEarly: calibrated.ended === 'by-hand',
  };
  const manifest = await draft.commit({
    createdAt: context.now(),
    seconds: (performance.now() - started) / 1000,
    limbeck: version,
    summary,
  });
  if (isWhole) await Promise.all([checkpoints.remove(), baseCheckpoints.remove()]);
  return output(manifest, file);
}

/** A fitted model knows the subject; its pre-trained parent knows no labels. */
async function pretrainedOf(studyDir: string, id: string) {
  const artifact = await openedArtifact(studyDir, id);
  const summary = artifact.manifest.summary as ModelSummary;
  if (summary.kind === 'pretrained') return readPretrained(studyDir, id);
  if (summary.parent === null)
    throw new AppError(
      'unsupported',
      `${id} was not pre-trained; choose a pre-trained model (P-…) to calibrate from.`,
    );
  return readPretrained(studyDir, summary.parent);
}

/** Wilson intervals over the independent test trials of all draws; segments of a trial are not independent. */
function curveFile(
  subject: string,
  classes: string[],
  calibrated: Calibrated,
  truths: number[],
): CalibrationFile {
  const trialsTested = Math.round(mean(calibrated.points.at(-1)?.testedTrials ?? [1]));
  // Trials of the test side have the classes of the subject's own trials, spread evenly by the draws.
  const units = Array.from(
    { length: trialsTested },
    (_, at) => truths[Math.floor((at * truths.length) / trialsTested)] ?? 0,
  );
  return {
    subject,
    classes,
    chance: 1 / classes.length,
    luck: chanceLevel(units, classes.length).upTo,
    // Asked for more minutes than there are, a point repeats the one before it.
    points: calibrated.points
      .filter(({ used }, at) => at === 0 || used > calibrated.points[at - 1]!.used + 1e-6)
      .map(({ used, accuracies, tested, testedTrials }) => {
        const accuracy = mean(accuracies);
        const trials = mean(testedTrials);
        const [low, high] = wilson(accuracy, Math.max(1, trials));
        const counted = { test: Math.round(mean(tested)), trials: Math.round(trials) };
        return { minutes: used, accuracy, low, high, draws: accuracies, ...counted };
      }),
  };
}

/** 95 % interval of a share seen in n trials (Wilson 1927). */
function wilson(share: number, n: number): [number, number] {
  const z = 1.959964;
  const centre = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function output(manifest: Manifest, file: CalibrationFile): JobOutput {
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  const first = file.points[0];
  const last = file.points.at(-1);
  return {
    artifacts: [manifest],
    result:
      first && last
        ? `${manifest.id}: ${file.subject} goes from ${percent(first.accuracy)} right without labels to ${percent(last.accuracy)} (${percent(last.low)} – ${percent(last.high)}) with ${last.minutes.toFixed(1)} labelled minutes; guessing could reach ${percent(file.luck)}.`
        : `${manifest.id} has no point yet.`,
    facts: {
      subject: file.subject,
      curve: file.points,
      chance: file.chance,
      luck: file.luck,
      engine: manifest.engine,
      seconds: manifest.seconds,
    },
  };
}
