/** What a spectrum says: left against right, and how much power lies in each band. */
import type { SpectrumView } from '#shared/views.ts';

export interface SpectrumLine {
  label: string;
  hemisphere: 'left' | 'right' | 'midline' | 'none';
  /** dB re 1 µV²/Hz, one per frequency. */
  power: number[];
  traces: number;
}

export const eegBands = [
  { name: 'delta', fromHz: 1, toHz: 4 },
  { name: 'theta', fromHz: 4, toHz: 8 },
  { name: 'alpha', fromHz: 8, toHz: 13 },
  { name: 'beta', fromHz: 13, toHz: 30 },
  { name: 'gamma', fromHz: 30, toHz: 45 },
] as const;

/** One trace if it is pointed at; else the mean power of the left and of the right traces, or of all where there are no sides. */
export function spectrumLines({ traces }: SpectrumView, focus: string | null): SpectrumLine[] {
  const chosen = traces.find(({ label }) => label === focus);
  if (chosen) return [{ ...chosen, traces: 1 }];
  const sides = (['left', 'right'] as const).flatMap((side) => {
    const own = traces.filter(({ hemisphere }) => hemisphere === side);
    return own.length > 0
      ? [
          {
            label: side,
            hemisphere: side,
            power: meanPower(own.map(({ power }) => power)),
            traces: own.length,
          },
        ]
      : [];
  });
  if (sides.length > 0) return sides;
  return traces.length > 0
    ? [
        {
          label: 'all',
          hemisphere: 'none',
          power: meanPower(traces.map(({ power }) => power)),
          traces: traces.length,
        },
      ]
    : [];
}

/** Means are taken of µV²/Hz, not of decibels. */
function meanPower(powers: readonly (readonly number[])[]): number[] {
  const bins = Math.min(...powers.map(({ length }) => length));
  return Array.from(
    { length: bins },
    (_, bin) =>
      10 * Math.log10(powers.reduce((sum, power) => sum + 10 ** (power[bin]! / 10), 0) / powers.length),
  );
}

/** µV² in each band, and its share of 1–45 Hz. */
export function bandPowers(
  frequencies: readonly number[],
  power: readonly number[],
): { name: string; power: number; share: number }[] {
  const stepHz = (frequencies[1] ?? 1) - (frequencies[0] ?? 0);
  const sums = eegBands.map(({ fromHz, toHz }) =>
    frequencies.reduce(
      (sum, hz, bin) =>
        hz >= fromHz && hz < toHz && bin < power.length ? sum + 10 ** (power[bin]! / 10) * stepHz : sum,
      0,
    ),
  );
  const total = sums.reduce((sum, value) => sum + value, 0);
  return eegBands.map(({ name }, i) => ({
    name,
    power: sums[i]!,
    share: total > 0 ? sums[i]! / total : NaN,
  }));
}
