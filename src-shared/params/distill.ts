/** EEG-DLite: learn to describe segments, reject the oddest, keep the most spread-out few per cent. */
import * as z from 'zod';

export const compressorPresets = ['demo', 'balanced', 'paper'] as const;

export const distillMethods = ['k-center', 'random', 'pca', 'raw'] as const;

export const distillParams = z.strictObject({
  keep: z.number().min(0.001).max(1).default(0.05).meta({
    title: 'Keep',
    description:
      'Share of all segments, counted before the oddest are removed. Can be changed later without computing again.',
  }),
  orderUpTo: z
    .number()
    .min(0.001)
    .max(1)
    .default(0.25)
    .meta({ title: 'Largest share ordered', description: 'How far the slider can go.' }),
  outliers: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.0005)
    .meta({ title: 'Reject the oddest', description: 'Share removed before choosing.' }),
  outlierMode: z
    .enum(['exact', 'percentile'])
    .default('exact')
    .meta({ title: 'Cut', description: 'Exact: precisely this share. Percentile: as PyOD does, ties stay.' }),
  bins: z
    .union([z.literal('auto'), z.number().int().min(1).max(1000)])
    .default('auto')
    .meta({ title: 'Histogram bins' }),
  method: z.enum(distillMethods).default('k-center').meta({
    title: 'Choose by',
    description: 'k-center on what the compressor learned; the others are baselines.',
  }),
  compare: z.boolean().default(true).meta({
    title: 'Compare',
    description: 'Also random three times, PCA and the raw signal at the same budget.',
  }),
  preset: z
    .enum(compressorPresets)
    .default('demo')
    .meta({ title: 'Preset', description: 'Size of the network that describes the segments.' }),
  passes: z
    .number()
    .int()
    .min(0)
    .max(500)
    .default(0)
    .meta({ title: 'Passes', description: '0: as the preset says.' }),
  learnFrom: z.number().int().min(0).max(1_000_000).default(0).meta({
    title: 'Learn from at most',
    unit: 'segments',
    description: 'Drawn evenly by subject; all are described. 0: as the preset says.',
  }),
  threads: z.number().int().min(1).max(16).default(1).meta({
    title: 'Learn with',
    unit: 'threads',
    description:
      'Threads that learn together on a processor. Another number gives other last digits, so it is kept with the result.',
  }),
  logMagnitude: z
    .boolean()
    .default(false)
    .meta({ title: 'Log spectrum', description: 'Trains more smoothly; the published form is off.' }),
  idc: z.enum(['intra', 'inter']).default('intra').meta({ title: 'Diversity term' }),
  seed: z.number().int().default(0).meta({ title: 'Seed' }),
});
export type DistillParams = z.infer<typeof distillParams>;
