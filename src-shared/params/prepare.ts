/** What happens to a recording before anything learns from it. */
import * as z from 'zod';

export const prepareParams = z.strictObject({
  highPassHz: z
    .number()
    .min(0)
    .max(10)
    .default(0.5)
    .meta({ title: 'Low filter', unit: 'Hz', description: 'Slower waves are removed; 0 keeps them.' }),
  lowPassHz: z.number().min(10).max(200).default(45).meta({
    title: 'High filter',
    unit: 'Hz',
    description: 'Faster activity is removed. Must stay below half of every rate.',
  }),
  notchHz: z
    .union([z.literal(0), z.literal(50), z.literal(60)])
    .default(0)
    .meta({
      title: 'Notch',
      unit: 'Hz',
      description: 'Mains hum: 50 in most of the world, 60 in the Americas, 0 for none.',
    }),
  sfreqHz: z.number().min(0).max(1000).default(0).meta({
    title: 'Rate',
    unit: 'Hz',
    description: 'All recordings are brought to this rate; 0 keeps each recording at its own.',
  }),
  reference: z.enum(['as-recorded', 'average']).default('average').meta({
    title: 'Reference',
    description: 'Average: the mean of all good scalp electrodes is subtracted.',
  }),
  windowS: z.number().min(0).max(60).default(4).meta({
    title: 'Segment length',
    unit: 's',
    description: '0: so that sites times seconds is about 256, as published.',
  }),
  strideS: z.number().min(0.1).max(60).default(4).meta({
    title: 'Step between segments',
    unit: 's',
    description: 'Shorter than the length makes overlapping segments.',
  }),
  maxAmplitudeUv: z.number().min(50).max(100000).default(500).meta({
    title: 'Largest amplitude',
    unit: 'µV',
    description: 'A segment with a larger peak on any site is rejected.',
  }),
  flatUv: z.number().min(0).max(10).default(0.5).meta({
    title: 'Flat below',
    unit: 'µV',
    description: 'A site whose standard deviation is smaller counts as flat.',
  }),
  badChannelShare: z.number().min(0).max(1).default(0.25).meta({
    title: 'Bad sites allowed',
    description: 'A segment with a larger share of flat, clipped or noisy sites is rejected.',
  }),
});
export type PrepareParams = z.infer<typeof prepareParams>;
