/** What can be handed over: distillates, models and reports, each with one line about it. */
import type { EvaluationFile } from '#shared/metrics.ts';
import type { DistillateView, ModelView } from '#shared/views.ts';
import { eegLength, percent, plural } from '../words.ts';
import type { Thing } from './export-form.svelte.ts';

const modelKinds = { pretrained: 'pre-trained', classifier: 'fitted', calibrated: 'calibrated' } as const;

export function thingsOf(
  distillates: readonly Pick<DistillateView, 'id' | 'kept' | 'segments' | 'hours'>[],
  models: readonly Pick<ModelView, 'id' | 'kind' | 'subjects' | 'parameters'>[],
  evaluations: readonly (Pick<EvaluationFile, 'metrics' | 'subjects'> & { id: string })[],
): Thing[] {
  return [
    ...distillates.map(({ id, kept, segments, hours }) => ({
      what: 'subset' as const,
      id,
      title: `Distillate ${id}`,
      detail: `${plural(kept, 'segment')}, ${eegLength((hours * kept) / Math.max(1, segments))}`,
    })),
    ...models.map(({ id, kind, subjects }) => ({
      what: 'model' as const,
      id,
      title: `Model ${id}`,
      detail: `${modelKinds[kind]}, ${plural(subjects, 'subject')}`,
    })),
    ...evaluations.map(({ id, metrics, subjects }) => ({
      what: 'report' as const,
      id,
      title: `Report ${id}`,
      detail: `${metrics.balancedAccuracy.value === null ? 'no score' : `${percent(metrics.balancedAccuracy.value, 3)} right`}, ${plural(subjects, 'subject')}`,
    })),
  ];
}
