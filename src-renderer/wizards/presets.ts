/** What Quick look, Balanced and As published mean in each wizard. The one that is the defaults of the schema is chosen first. */
import type { DistillParams } from '#shared/params/distill.ts';
import type { FinetuneParams } from '#shared/params/finetune.ts';
import type { PretrainParams } from '#shared/params/pretrain.ts';
import type { Preset } from './params-form.svelte.ts';

export const distillPresets: readonly Preset<DistillParams>[] = [
  {
    id: 'quick',
    text: 'Quick look',
    help: 'A small network learns from up to 5,000 segments; all are described.',
    values: { preset: 'demo' },
  },
  {
    id: 'balanced',
    text: 'Balanced',
    help: 'A larger network learns from up to 20,000 segments, drawn evenly by subject; all are described.',
    values: { preset: 'balanced' },
  },
  {
    id: 'published',
    text: 'As published',
    help: 'The published network, 50 passes over all segments, the oddest 0.05 % rejected.',
    values: { preset: 'paper' },
  },
];

export const pretrainPresets: readonly Preset<PretrainParams>[] = [
  { id: 'quick', text: 'Quick look', help: 'A small network, 5 passes of 4,096 channels.', values: {} },
  {
    id: 'balanced',
    text: 'Balanced',
    help: 'A larger network, up to 30 passes of 16,384 channels.',
    values: { preset: 'balanced', passes: 30, samplesPerPass: 16_384, batch: 128 },
  },
  {
    id: 'published',
    text: 'As published',
    help: 'The published network, up to 50 passes over every channel of every segment. What the publication leaves open is as in Help, Methods.',
    values: { preset: 'paper', passes: 50, samplesPerPass: 0, batch: 256, learningRate: 3e-4 },
  },
];

export const finetunePresets: readonly Preset<FinetuneParams>[] = [
  {
    id: 'quick',
    text: 'Quick look',
    help: '3 folds, up to 5 passes, at most 2,000 labelled segments, without baselines.',
    values: { folds: 3, passes: 5, patience: 2, maxSegments: 2000, baselines: false },
  },
  { id: 'balanced', text: 'Balanced', help: '5 folds, up to 12 passes, with both baselines.', values: {} },
  {
    id: 'published',
    text: 'As published',
    help: 'Up to 100 passes in small steps, stopping after 15 without gain; with both baselines.',
    values: { passes: 100, patience: 15, encoderRate: 5e-6, headRate: 1e-4 },
  },
];
