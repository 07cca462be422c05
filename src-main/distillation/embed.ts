/** Describes every segment of a group by the compressor's latent vector. */
import type { Progress } from '#shared/jobs.ts';
import { createRandom } from '#shared/random.ts';
import type { SegmentGroup, SegmentSource } from '#shared/eeg/segment.ts';
import { readValues } from '#main/models/read-values.ts';
import { createViewReader, viewTensors } from '#main/models/view-reader.ts';
import type { CompressorModel } from '#main/training/recipes/compressor.ts';
import { breathe, throwIfCancelled } from '#main/training/trainer.ts';

const batch = 256;

/**
 * In evaluation mode, so a segment's vector does not depend on which others are in its batch.
 *
 * @returns [group.count, width] in row order
 * @throws AppError 'cancelled'
 */
export async function embed(
  source: SegmentSource,
  group: SegmentGroup,
  { network, description }: CompressorModel,
  progress: Progress,
): Promise<Float32Array> {
  const { width } = network.config;
  const reader = createViewReader(source, group, { logMagnitude: description.logMagnitude });
  // Nothing is drawn in evaluation mode.
  const mode = { training: false, random: createRandom(0) };
  const latents = new Float32Array(group.count * width);
  for (let from = 0; from < group.count; from += batch) {
    await breathe();
    throwIfCancelled(progress);
    const count = Math.min(batch, group.count - from);
    const rows = Uint32Array.from({ length: count }, (_, i) => group.first + from + i);
    const arrays = await reader.read(rows);
    latents.set(await readValues(() => network.encode(viewTensors(arrays, count), mode)), from * width);
    progress.report({ type: 'progress', done: from + count, total: group.count, unit: 'segments' });
  }
  return latents;
}
