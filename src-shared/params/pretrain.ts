/** Learning without labels: the recipes that pre-train a model. */
import * as z from 'zod';

export const pretrainRecipes = ['one-model-for-all'] as const;

export const pretrainParams = z.strictObject({
  recipe: z.enum(pretrainRecipes).default('one-model-for-all').meta({
    title: 'Kind',
    description: 'One model for all channels: every single channel is a sample; any montage, any rate.',
  }),
  preset: z
    .enum(['demo', 'balanced', 'paper'])
    .default('demo')
    .meta({ title: 'Preset', description: 'Width, depth and heads of the network.' }),
  passes: z.number().int().min(1).max(1000).default(5).meta({ title: 'Passes' }),
  steps: z
    .number()
    .int()
    .min(0)
    .max(10_000_000)
    .default(0)
    .meta({ title: 'Steps at most', description: '0: as many as the passes need.' }),
  patience: z
    .number()
    .int()
    .min(0)
    .max(1000)
    .default(8)
    .meta({ title: 'Stop without gain after', unit: 'passes', description: '0: never.' }),
  holdOut: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.1)
    .meta({ title: 'Hold out', description: 'Share of the subjects kept aside to check; never windows.' }),
  batch: z.number().int().min(4).max(4096).default(64).meta({ title: 'Batch', unit: 'single channels' }),
  samplesPerPass: z.number().int().min(0).max(10_000_000).default(4096).meta({
    title: 'Samples a pass',
    unit: 'single channels',
    description: '0: every channel of every segment.',
  }),
  learningRate: z.number().positive().max(1).default(1e-3).meta({ title: 'Step size' }),
  temperature: z.number().positive().max(10).default(0.2).meta({ title: 'Temperature' }),
  weightDecay: z.number().min(0).max(1).default(1e-4).meta({ title: 'Weight decay' }),
  warmUp: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .meta({ title: 'Warm-up', description: 'Share of all steps.' }),
  seed: z.number().int().default(0).meta({ title: 'Seed' }),
});
export type PretrainParams = z.infer<typeof pretrainParams>;
