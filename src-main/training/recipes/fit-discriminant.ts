/** Fits the band-power baseline to labelled segments of any montages. */
import type { LabelledSegment, SegmentSource } from '#shared/eeg/segment.ts';
import type { Tensors } from '#shared/safetensors.ts';
import { bands, differentialEntropy } from '#main/models/band-power.ts';
import {
  discriminantTensors,
  discriminate,
  fitDiscriminant,
  type LinearDiscriminant,
} from '#main/models/band-power-lda.ts';
import { classNumbers, partsWithinGroups } from '../labelled-rows.ts';

/** Band powers by segment: they depend on nothing that is learned, so folds share them. */
export type BandPowers = Map<number, Map<string, Float64Array>>;

export interface FittedDiscriminant {
  electrodes: string[];
  weights: Tensors;
  /** [rows, classes]. */
  predict(rows: readonly number[]): Promise<Float32Array>;
}

/** Classes without an example get probability 0. */
export async function fitBandPowers(
  source: SegmentSource,
  train: readonly LabelledSegment[],
  classes: readonly string[],
  powers: BandPowers,
): Promise<FittedDiscriminant> {
  const electrodes = unionOf(source, train);
  const features = async (rows: readonly number[]) => {
    await measure(source, rows, powers);
    return assemble(rows, electrodes, powers);
  };
  const numbers = classNumbers(train, classes);
  const occurring = [...new Set(numbers)].sort((a, b) => a - b);
  const model: LinearDiscriminant = fitDiscriminant(
    await features(train.map(({ index }) => index)),
    numbers.map((number) => occurring.indexOf(number)),
    occurring.length,
  );
  return {
    electrodes,
    weights: discriminantTensors(model),
    async predict(rows) {
      const posterior = discriminate(model, await features(rows));
      const out = new Float32Array(rows.length * classes.length);
      posterior.forEach((value, i) => {
        const row = Math.floor(i / occurring.length);
        out[row * classes.length + occurring[i % occurring.length]!] = value;
      });
      return out;
    },
  };
}

/** Electrodes of all groups that the segments come from, in order of first appearance. */
export function unionOf(source: SegmentSource, labelled: readonly LabelledSegment[]): string[] {
  const groups = [...new Set(labelled.map(({ index }) => source.segments[index]!.group))].sort(
    (a, b) => a - b,
  );
  return [...new Set(groups.flatMap((group) => source.groups[group]!.electrodes))];
}

async function measure(source: SegmentSource, rows: readonly number[], powers: BandPowers): Promise<void> {
  const missing = rows.filter((row) => !powers.has(row));
  for (const part of partsWithinGroups(source, missing, 64)) {
    const wanted = part.map((at) => missing[at]!);
    const { electrodes, samples, sfreqHz } = source.groups[source.segments[wanted[0]!]!.group]!;
    const entropy = differentialEntropy(await source.read(wanted), samples, sfreqHz);
    wanted.forEach((row, i) => {
      const present = source.present(row);
      const own = electrodes.flatMap((name, c): [string, Float64Array][] => {
        const from = (i * electrodes.length + c) * bands.length;
        return present[c] ? [[name, entropy.slice(from, from + bands.length)]] : [];
      });
      powers.set(row, new Map(own));
    });
  }
}

function assemble(rows: readonly number[], electrodes: readonly string[], powers: BandPowers): Float64Array {
  const out = new Float64Array(rows.length * electrodes.length * bands.length).fill(NaN);
  rows.forEach((row, i) =>
    electrodes.forEach((name, c) => {
      const values = powers.get(row)!.get(name);
      if (values) out.set(values, (i * electrodes.length + c) * bands.length);
    }),
  );
  return out;
}
