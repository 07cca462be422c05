/** Learning with labels: fitting a pre-trained model to a task, or to one subject, and testing it honestly. */
import * as z from 'zod';

export const splits = ['subject', 'trial', 'window'] as const;
export type SplitName = (typeof splits)[number];

export const finetuneParams = z.strictObject({
  split: z.enum(splits).default('subject').meta({
    title: 'Test on',
    description:
      'Whole subjects, whole trials, or windows. Windows leak: neighbours of the same trial are nearly equal.',
  }),
  folds: z
    .number()
    .int()
    .min(2)
    .max(50)
    .default(5)
    .meta({ title: 'Folds', description: 'At most as many as there are subjects or trials.' }),
  architecture: z.enum(['art-gat', 'eegnet', 'band-power-lda']).default('art-gat').meta({
    title: 'Model',
    description: 'EEGNet and band power with LDA are baselines that every report shows.',
  }),
  baselines: z
    .boolean()
    .default(true)
    .meta({ title: 'With baselines', description: 'EEGNet and band power with LDA on the same folds.' }),
  passes: z.number().int().min(1).max(1000).default(12).meta({ title: 'Passes' }),
  patience: z.number().int().min(0).max(1000).default(5).meta({
    title: 'Stop without gain after',
    unit: 'passes',
    description: 'Measured on trials held out from the training side.',
  }),
  batch: z.number().int().min(2).max(1024).default(32).meta({ title: 'Batch', unit: 'segments' }),
  encoderRate: z.number().min(0).max(1).default(1e-4).meta({
    title: 'Step size, encoder',
    description: 'Small: keeps what pre-training learned. 0 freezes it.',
  }),
  headRate: z.number().positive().max(1).default(2e-3).meta({ title: 'Step size, new parts' }),
  weightDecay: z.number().min(0).max(1).default(1e-2).meta({ title: 'Weight decay' }),
  maxSegments: z
    .number()
    .int()
    .min(0)
    .max(10_000_000)
    .default(0)
    .meta({ title: 'Labelled segments at most', description: 'Drawn evenly by subject and class; 0: all.' }),
  seed: z.number().int().default(0).meta({ title: 'Seed' }),
});
export type FinetuneParams = z.infer<typeof finetuneParams>;

export const calibrateParams = z.strictObject({
  subject: z.string().min(1).meta({ title: 'Subject' }),
  minutes: z.number().min(0).max(600).default(8).meta({
    title: 'Labelled minutes',
    unit: 'min',
    description: 'The curve runs from none up to this; whole trials are left for testing.',
  }),
  points: z.number().int().min(1).max(20).default(4).meta({ title: 'Points of the curve' }),
  draws: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(3)
    .meta({ title: 'Draws', description: 'Different choices of the labelled trials for each point.' }),
  train: z.enum(['head', 'head-and-norm', 'everything']).default('head').meta({ title: 'Change' }),
  passes: z.number().int().min(1).max(1000).default(15).meta({ title: 'Passes' }),
  learningRate: z.number().positive().max(1).default(2e-3).meta({ title: 'Step size' }),
  seed: z.number().int().default(0).meta({ title: 'Seed' }),
});
export type CalibrateParams = z.infer<typeof calibrateParams>;
