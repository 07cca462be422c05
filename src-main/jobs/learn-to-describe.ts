/** Trains the compressor of one group, alone or as a member of a team: all that members need to know is plain data. */
import type { Progress } from '#shared/jobs.ts';
import type { DistillParams } from '#shared/params/distill.ts';
import { createRandom } from '#shared/random.ts';
import type { SegmentSource } from '#shared/eeg/segment.ts';
import { openCheckpoints } from '#main/store/checkpoint.ts';
import { trainCompressor, type TrainedCompressor } from '#main/training/recipes/compressor.ts';
import type { Team } from '#main/training/team.ts';

export interface DescribeTask {
  studyDir: string;
  params: DistillParams;
  /** Position among the store's groups. */
  group: number;
  /** Name of the checkpoint. */
  key: string;
}

export function learnToDescribe(
  { studyDir, params, group: at, key }: DescribeTask,
  source: SegmentSource,
  progress: Progress,
  team: Team,
): Promise<TrainedCompressor> {
  const group = source.groups[at]!;
  return trainCompressor(source, group, params, {
    random: createRandom(params.seed).fork(`compressor/${group.name}`),
    progress,
    checkpoints: openCheckpoints(studyDir, key),
    team,
  });
}
