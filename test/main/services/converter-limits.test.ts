/** Saturation told from numbers alone: the lowest and the highest value that a converter can give. */
import { describe, expect, it } from 'vitest';
import type { Channel } from '#shared/eeg/recording.ts';
import { converterLimits, saturatedStretches } from '#main/services/converter-limits.ts';
import { stuckStretches } from '#main/services/stuck-values.ts';

const channel = (change: Partial<Channel> = {}): Channel => ({
  label: 'F7',
  kind: 'eeg',
  unit: 'uV',
  toMicrovolt: 1,
  sfreqHz: 100,
  samples: 1000,
  prefilter: '',
  transducer: '',
  physicalMin: -3276.8,
  physicalMax: 3276.7,
  digitalMin: -32_768,
  digitalMax: 32_767,
  ...change,
});
const stretches = (values: number[], change: Partial<Channel> = {}, joinS = 0) =>
  saturatedStretches(Float32Array.from(values), converterLimits(channel(change))!, 0, 100, joinS);

describe('the limits of a converter', () => {
  it('are met by the last number of 16 and of 24 bits, not by the one before', () => {
    for (const [digitalMin, digitalMax, physical] of [
      [-32_768, 32_767, 3276.7],
      [-8_388_608, 8_388_607, 262_143],
    ] as const) {
      const change = { digitalMin, digitalMax, physicalMin: -physical, physicalMax: physical };
      const step = (2 * physical) / (digitalMax - digitalMin);
      expect(stretches([0, physical, physical, 0], change)).toEqual([{ startS: 0.01, endS: 0.03 }]);
      expect(stretches([0, -physical, -physical, 0], change)).toHaveLength(1);
      expect(stretches([0, physical - step, physical - step, 0], change)).toEqual([]);
    }
  });

  it('hold for a channel written upside down and for millivolts', () => {
    expect(stretches([100, 100], { physicalMin: 100, physicalMax: -100 })).toHaveLength(1);
    expect(
      stretches([5000, 5000], { unit: 'mV', toMicrovolt: 1000, physicalMin: -5, physicalMax: 5 }),
    ).toHaveLength(1);
  });

  it('mean nothing for codes, tables without a range, or a channel that cannot be used', () => {
    expect(converterLimits(channel({ kind: 'trigger' }))).toBeNull();
    expect(converterLimits(channel({ kind: 'aux' }))).toBeNull();
    expect(converterLimits(channel({ digitalMin: NaN, digitalMax: NaN }))).toBeNull();
    expect(converterLimits(channel({ disabled: 'physical range is empty' }))).toBeNull();
  });
});

describe('stuck stretches', () => {
  it('are equal values for half a second, at whatever height; a gap is none', () => {
    const values = Float32Array.from({ length: 400 }, (_, i) =>
      i >= 100 && i < 150 ? 7 : i >= 200 && i < 240 ? 7 : i >= 300 ? NaN : Math.sin(i),
    );
    expect(stuckStretches(values, 1000, 100)).toEqual([{ startS: 11, endS: 11.5 }]);
  });
});

describe('saturated stretches', () => {
  it('need two samples, for a range fitted to the values touches its ends with one', () => {
    expect(stretches([0, 3276.7, 0, -3276.8, 0])).toEqual([]);
    expect(stretches([3276.7, 3276.7, NaN, 3276.7])).toEqual([{ startS: 0, endS: 0.02 }]);
  });

  it('are joined when less than the given time apart', () => {
    const waves = Array.from({ length: 100 }, (_, i) => (i % 4 < 2 ? 3276.7 : 0));
    expect(stretches(waves)).toHaveLength(25);
    expect(stretches(waves, {}, 0.03)).toEqual([{ startS: 0, endS: 0.98 }]);
  });
});
