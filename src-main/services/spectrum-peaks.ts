/** What stands out of a page's spectrum: the alpha rhythm and the mains. */

/** Mean over the traces, dB; NaN where none has power. A flat trace has none at all and must not take the others with it. */
export function meanSpectrum(
  frequencies: readonly number[],
  powers: readonly (readonly number[])[],
): number[] {
  return frequencies.map((_, bin) =>
    meanOf(powers.flatMap((power) => (Number.isFinite(power[bin]) ? [power[bin]!] : []))),
  );
}

/** How far alpha must rise above the slope from theta to beta, dB; noise reaches 1 to 2. */
const alphaAtLeastDb = 3;

/**
 * The top between 8 and 13 Hz where it stands out of the slope between both sides; null otherwise.
 * @param mean dB, one per frequency
 */
export function alphaPeak(frequencies: readonly number[], mean: readonly number[]): number | null {
  const theta = levelOf(frequencies, mean, 4, 7);
  const beta = levelOf(frequencies, mean, 14, 18);
  // EEG falls off about evenly over the logarithm of frequency: 5.3 and 15.9 Hz are the middles of both sides.
  const slopeAt = (hz: number): number =>
    theta + ((beta - theta) * Math.log(hz / 5.3)) / Math.log(15.9 / 5.3);
  let best = -1;
  frequencies.forEach((hz, bin) => {
    if (hz >= 8 && hz <= 13 && (best < 0 || mean[bin]! > mean[best]!)) best = bin;
  });
  if (best <= 0 || best >= mean.length - 1) return null;
  const isTop = mean[best]! > mean[best - 1]! && mean[best]! > mean[best + 1]!;
  return isTop && mean[best]! - slopeAt(frequencies[best]!) >= alphaAtLeastDb ? frequencies[best]! : null;
}

/** How far the mains must rise above both sides to be worth a notch, dB. */
const mainsAtLeastDb = 10;

/** 50 or 60 where that stands out, as a notch would mend; null otherwise, and while a notch is on. */
export function mainsPeak(frequencies: readonly number[], mean: readonly number[]): number | null {
  const height = (hz: number): number =>
    levelOf(frequencies, mean, hz - 0.25, hz + 0.25) -
    Math.max(levelOf(frequencies, mean, hz - 6, hz - 3), levelOf(frequencies, mean, hz + 3, hz + 6));
  const found = [50, 60].filter((hz) => height(hz) >= mainsAtLeastDb);
  return found.sort((a, b) => height(b) - height(a))[0] ?? null;
}

/** Mean between two frequencies; NaN where the spectrum does not reach. */
function levelOf(
  frequencies: readonly number[],
  mean: readonly number[],
  fromHz: number,
  toHz: number,
): number {
  return meanOf(
    frequencies.flatMap((hz, bin) =>
      hz >= fromHz && hz <= toHz && Number.isFinite(mean[bin]) ? [mean[bin]!] : [],
    ),
  );
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
