/** Montages of one recording: which rows it can show, as weighted sums of its channels, and why it cannot show others. */
import { AppError } from '../errors.ts';
import { displayName } from './electrodes.ts';
import type { ChannelMapEntry } from './channel-map-entry.ts';
import { montages, type Montage } from './montages.ts';
import { Potentials } from './potentials.ts';
import { deriveRows, type MontageRow, type Setting } from './montage-rows.ts';

export type { MontageRow } from './montage-rows.ts';

export interface MontageView {
  montage: Montage;
  rows: MontageRow[];
  /** For the footer: 'average of 17 sites', 'A1 and A2', 'bipolar', … */
  reference: string;
  /** Why nothing of this montage can be computed; rows are then empty. */
  refusal: string | null;
}

export interface MontageOptions {
  /** Positions of channels marked bad. */
  bad?: ReadonlySet<number>;
  /** Links the neighbours of a missing site instead of leaving two rows out, and says so. */
  bridge?: boolean;
  /** Adds eye, heart, muscle and breathing channels below, as recorded. Default true. */
  others?: boolean;
  /** T3/T4/T5/T6 for T7/T8/P7/P8 in labels. */
  names?: 'modern' | 'older';
}

/** Works out every row of a montage for one recording. Nothing is drawn that the recorded differences do not hold. */
export function deriveMontage(
  montage: Montage,
  entries: readonly ChannelMapEntry[],
  options: MontageOptions = {},
): MontageView {
  const bad = options.bad ?? new Set<number>();
  const potentials = new Potentials(entries, bad);
  const setting: Setting = {
    entries,
    bad,
    bridge: options.bridge ?? false,
    potentials,
    all: bad.size > 0 ? new Potentials(entries, new Set()) : potentials,
  };
  const derived = deriveRows(montage, setting);
  const refusal = derived.refusal ?? emptiness(derived.rows);
  if (refusal !== null) return { montage, rows: [], reference: derived.reference, refusal };
  const others =
    options.others !== false && montage.scheme.type !== 'as-recorded' ? otherRows(entries, bad) : [];
  const rateOf = new Map(entries.map(({ position, sfreqHz }) => [position, sfreqHz]));
  const rows = [...derived.rows, ...others].map((row) => checkRates(row, rateOf));
  const style = options.names ?? 'modern';
  return {
    montage,
    rows: rows.map((row) => ({ ...row, label: displayName(row.label, style) })),
    reference: derived.reference,
    refusal: null,
  };
}

/** Every montage with the reason why it cannot be shown, or null where it can. */
export function offerMontages(
  entries: readonly ChannelMapEntry[],
  options: MontageOptions & { custom?: readonly Montage[] } = {},
): { montage: Montage; refusal: string | null }[] {
  return [...montages, ...(options.custom ?? [])].map((montage) => ({
    montage,
    refusal: deriveMontage(montage, entries, options).refusal,
  }));
}

/** Positions of the channels that the rows need, ascending. */
export function channelsOf(rows: readonly MontageRow[]): number[] {
  return [...new Set(rows.flatMap(({ weights }) => weights.map(({ channel }) => channel)))].sort(
    (a, b) => a - b,
  );
}

/**
 * Weighted sums. A NaN in any channel of a row is a NaN in the row, and a row that is missing is all NaN.
 *
 * @param channels by position in the file, µV; positions that no row needs may be left out
 * @returns one array per row; its length is that of its channels (of the first channel given, for a missing row)
 * @throws AppError 'invalid-input' when a needed channel is not there or lengths within a row differ
 */
export function applyMontage(
  rows: readonly MontageRow[],
  channels: readonly (Float32Array | undefined)[],
): Float32Array[] {
  const anyLength = channels.find((channel) => channel !== undefined)?.length ?? 0;
  const common = new CommonSums();
  return rows.map(({ label, weights }) => {
    if (weights.length === 0) return new Float32Array(anyLength).fill(NaN);
    const parts = weights.map(({ channel, weight }) => {
      const values = channels[channel];
      if (!values)
        throw new AppError('invalid-input', `Row ${label} needs channel ${channel + 1}, which was not read.`);
      return { values, weight };
    });
    const length = parts[0]!.values.length;
    if (parts.some(({ values }) => values.length !== length))
      throw new AppError('invalid-input', `The channels of row ${label} have different lengths.`);
    // Sums in double precision: an average over 256 sites would otherwise lose digits on a large offset.
    const sum = new Float64Array(length);
    const share = commonWeight(parts);
    if (share !== 0) {
      const of = common.get(weights, parts);
      for (let i = 0; i < length; i++) sum[i] = share * of[i]!;
    }
    for (const { values, weight } of parts) {
      const own = weight - share;
      if (own !== 0) for (let i = 0; i < length; i++) sum[i]! += own * values[i]!;
    }
    return Float32Array.from(sum);
  });
}

interface Part {
  values: Float32Array;
  weight: number;
}

/** Rows of an average differ in one weight each; what they share is added up once, not once per row. */
class CommonSums {
  readonly #sums = new Map<string, Float64Array>();

  get(weights: MontageRow['weights'], parts: readonly Part[]): Float64Array {
    const key = weights.map(({ channel }) => channel).join();
    const known = this.#sums.get(key);
    if (known) return known;
    const sum = new Float64Array(parts[0]!.values.length);
    for (const { values } of parts) for (let i = 0; i < sum.length; i++) sum[i]! += values[i]!;
    this.#sums.set(key, sum);
    return sum;
  }
}

/** The weight of all parts but one; 0 where there is none, or where too few parts would be saved. */
function commonWeight(parts: readonly Part[]): number {
  if (parts.length < 6) return 0;
  const [a, b, c] = parts.map(({ weight }) => weight);
  const share = a === b || a === c ? a! : b!;
  // Weights are sums in double precision: those of an average differ in their last digits.
  const same = parts.filter(({ weight }) => Math.abs(weight - share) < 1e-12).length;
  return same >= parts.length - 1 ? share : 0;
}

/** Why no row at all can be drawn; null when one can. */
function emptiness(rows: readonly MontageRow[]): string | null {
  if (rows.some(({ missing }) => missing === undefined)) return null;
  const [first] = rows;
  if (!first) return 'No channel of this recording carries a scalp site.';
  const others = rows.length > 1 ? `, nor any of the other ${rows.length - 1} rows` : '';
  return `${first.label} cannot be drawn${others}: ${first.missing}.`;
}

function otherRows(entries: readonly ChannelMapEntry[], bad: ReadonlySet<number>): MontageRow[] {
  return entries
    .filter(({ kind }) => kind === 'eog' || kind === 'ecg' || kind === 'emg' || kind === 'resp')
    .map(({ name, kind, position, sign }) => ({
      label: name,
      group: kind,
      hemisphere: 'none' as const,
      weights: [{ channel: position, weight: sign }],
      ...(bad.has(position) ? { bad: 'marked bad' } : {}),
    }));
}

function checkRates(row: MontageRow, rateOf: ReadonlyMap<number, number>): MontageRow {
  const rates = [...new Set(row.weights.map(({ channel }) => rateOf.get(channel)))];
  return rates.length < 2
    ? row
    : { ...row, weights: [], missing: `its channels have different rates (${rates.join(' and ')} Hz)` };
}
