/** What leaves the house, in which form. */
import * as z from 'zod';

export const exportWhats = ['subset', 'model', 'report'] as const;
/** Formats by what they can hold; others are refused with this list. */
export const exportFormats = {
  subset: ['npz', 'parquet', 'edf'],
  model: ['safetensors'],
  report: ['html'],
} as const;

const cardText = (title: string, most = 4000) =>
  z
    .string({ error: 'takes a text' })
    .max(most, `takes at most ${most} characters`)
    .optional()
    .meta({ title });

/** What only people can say about what is handed over; what is left out reads “Not stated.” */
export const exportCard = z.strictObject({
  title: cardText('Title', 200),
  description: cardText('What it is'),
  consent: cardText('Which consent covers sharing'),
  licence: cardText('Licence', 200),
  purpose: cardText('Intended use'),
  limits: cardText('Known limits'),
  contact: cardText('Contact', 200),
});
export type ExportCard = z.infer<typeof exportCard>;

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
  card: exportCard.default({}).meta({ title: 'Card' }),
});
export type ExportParams = z.infer<typeof exportParams>;
