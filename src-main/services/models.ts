/** Models, their evaluations and what there is to calibrate with. */
import { AppError } from '#shared/errors.ts';
import type { Manifest } from '#shared/artifacts.ts';
import type { EvaluationFile } from '#shared/metrics.ts';
import type { CalibrationFile, CurvesFile, ModelSummary } from '#shared/models.ts';
import type { CalibrationView, ModelView } from '#shared/views.ts';
import { labelSegments } from '#shared/eeg/segment.ts';
import { findArtifact } from '#main/store/artifact.ts';
import { os } from './implementer.ts';
import { allLabels } from './job-plans.ts';
import { segmentStoreOf } from './segment-stores.ts';
import type { Study, Studies } from './study.ts';

export function modelService(studies: Studies) {
  return os.models.router({
    list: os.models.list.handler(() => {
      const study = studies.current();
      return Promise.all(study.catalog.artifacts.list('model').map((manifest) => modelView(study, manifest)));
    }),
    get: os.models.get.handler(({ input }) => {
      const study = studies.current();
      return modelView(study, manifestOf(study, input.id, 'model'));
    }),
    evaluation: os.models.evaluation.handler(({ input }) => evaluationOf(studies.current(), input.id)),
    evaluations: os.models.evaluations.handler(() => {
      const study = studies.current();
      return Promise.all(
        study.catalog.artifacts.list('evaluation').map((manifest) => evaluationOf(study, manifest.id)),
      );
    }),
    calibration: os.models.calibration.handler(async ({ input }): Promise<CalibrationView> => {
      const study = studies.current();
      const file = await fileOf<CalibrationFile>(study, input.id, 'calibration.json');
      return { id: input.id, ...file };
    }),
    labels: os.models.labels.handler(async () => {
      const labelled = await labelledNow(studies.current());
      return [...Map.groupBy(labelled, (segment) => segment.label)]
        .map(([label, own]) => ({
          label,
          segments: own.length,
          trials: new Set(own.map((segment) => segment.trial)).size,
          subjects: new Set(own.map((segment) => segment.subject)).size,
        }))
        .sort((a, b) => a.label.localeCompare(b.label));
    }),
    subjects: os.models.subjects.handler(async () => {
      const study = studies.current();
      const store = await segmentStoreOf(study);
      const durations = new Map((store?.segments ?? []).map((segment) => [segment.index, segment.durationS]));
      return [...Map.groupBy(await labelledNow(study), (segment) => segment.subject)]
        .map(([subject, own]) => {
          const trials: Record<string, number> = {};
          for (const [label, of] of Map.groupBy(own, (segment) => segment.label))
            trials[label] = new Set(of.map((segment) => segment.trial)).size;
          return {
            subject,
            minutes: own.reduce((sum, segment) => sum + (durations.get(segment.index) ?? 0), 0) / 60,
            trials,
          };
        })
        .sort((a, b) => a.subject.localeCompare(b.subject, 'en', { numeric: true }));
    }),
  });
}

async function labelledNow(study: Study) {
  const store = await segmentStoreOf(study);
  return store ? labelSegments(store.segments, allLabels(study.catalog)) : [];
}

async function modelView(study: Study, manifest: Manifest): Promise<ModelView> {
  const summary = manifest.summary as ModelSummary;
  return {
    id: manifest.id,
    hash: manifest.hash,
    kind: summary.kind,
    recipe: summary.recipe,
    parent: summary.parent,
    createdAt: manifest.createdAt,
    seconds: manifest.seconds,
    engine: manifest.engine,
    parameters: summary.parameters,
    segments: summary.segments,
    subjects: summary.subjects,
    subset: summary.subset,
    electrodes: summary.electrodes,
    classes: summary.classes,
    curves: await fileOf<CurvesFile>(study, manifest.id, 'curves.json'),
    weights: summary.weights,
    health: summary.health,
    evaluation: summary.evaluation,
    headline: summary.headline,
    params: manifest.params,
  };
}

async function evaluationOf(
  study: Study,
  id: string,
): Promise<EvaluationFile & { id: string; model: string }> {
  const manifest = manifestOf(study, id, 'evaluation');
  const report = await fileOf<EvaluationFile>(study, id, 'report.json');
  return { ...report, id, model: String(manifest.summary['model'] ?? '') };
}

function manifestOf(study: Study, id: string, kind: Manifest['kind']): Manifest {
  const manifest = study.catalog.artifacts.get(id);
  if (manifest?.kind !== kind) throw new AppError('not-found', `There is no ${kind} ${id} in this study.`);
  return manifest;
}

async function fileOf<T>(study: Study, id: string, path: string): Promise<T> {
  const artifact = await findArtifact(study.dir, id);
  if (!artifact)
    throw new AppError(
      'not-found',
      `The files of ${id} are gone from the study's folder. Run the step again; it is recorded how it was made.`,
    );
  return artifact.json<T>(path);
}
