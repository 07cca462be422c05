/** The sample study: recordings made up by a seeded generator, with everything a real archive has. */
import * as z from 'zod';

export const sampleParams = z.strictObject({
  size: z
    .enum(['tiny', 'demo'])
    .default('demo')
    .meta({ title: 'Size', description: 'Tiny is for tests: fewer subjects and minutes.' }),
  seed: z.number().int().default(0).meta({ title: 'Seed' }),
});
export type SampleParams = z.infer<typeof sampleParams>;
