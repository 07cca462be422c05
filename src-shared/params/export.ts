/** What leaves the house, in which form. */
import * as z from 'zod';

export const exportWhats = ['subset', 'model', 'report'] as const;
/** Formats by what they can hold; others are refused with this list. */
export const exportFormats = {
  subset: ['npz', 'parquet', 'edf'],
  model: ['safetensors'],
  report: ['html'],
} as const;

export const exportParams = z.strictObject({
  what: z.enum(exportWhats).meta({ title: 'What' }),
  id: z
    .string()
    .default('')
    .meta({ title: 'Of', description: 'A distillate, model or evaluation; the newest when empty.' }),
  formats: z
    .array(z.enum(['npz', 'parquet', 'edf', 'safetensors', 'html']))
    .min(1)
    .meta({ title: 'As' }),
  out: z.string().min(1).meta({ title: 'Folder' }),
  keep: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .meta({ title: 'Keep', description: 'Share for a subset; 0: as distilled.' }),
  keepSex: z.boolean().default(false).meta({ title: 'Keep sex' }),
  keepAnnotations: z
    .boolean()
    .default(false)
    .meta({ title: 'Keep annotation texts', description: 'Free text may name people.' }),
  card: z.record(z.string(), z.string()).default({}).meta({ title: 'Card' }),
});
export type ExportParams = z.infer<typeof exportParams>;
