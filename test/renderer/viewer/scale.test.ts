import { describe, expect, it } from 'vitest';
import {
  isInverted,
  labelStep,
  microvoltAt,
  mmPerSecond,
  offsetPx,
  pxPerMicrovolt,
  scaleBar,
  timeAt,
  xOf,
} from '#renderer/viewer/scale.ts';

const pxPerMm = 96 / 25.4;

describe('the scale of a page', () => {
  it.each([
    [7, 100, (100 / 7) * pxPerMm],
    [10, 100, 10 * pxPerMm],
    [1, 50, 50 * pxPerMm],
  ])('draws at %d µV/mm a value of %d µV %d px away from its lane', (sensitivity, microvolt, px) => {
    expect(offsetPx(microvolt, pxPerMicrovolt(sensitivity, pxPerMm), false)).toBeCloseTo(-px, 9);
    expect(offsetPx(microvolt, pxPerMicrovolt(sensitivity, pxPerMm), true)).toBeCloseTo(px, 9);
  });

  it('draws negative EEG upwards, and nothing else upside down', () => {
    expect(isInverted('eeg', true)).toBe(true);
    expect(isInverted('eeg', false)).toBe(false);
    for (const kind of ['ecg', 'emg', 'resp', 'acc', 'trigger', 'aux'] as const)
      expect(isInverted(kind, true)).toBe(false);
    // A canvas grows downwards: up is a smaller y.
    expect(offsetPx(-50, 1, isInverted('eeg', true))).toBeLessThan(0);
    expect(offsetPx(-50, 1, isInverted('ecg', true))).toBeGreaterThan(0);
  });

  it('reads back the value that it drew', () => {
    for (const inverted of [true, false])
      expect(microvoltAt(offsetPx(-66, 0.54, inverted), 0.54, inverted)).toBeCloseTo(-66, 9);
  });

  it('places times and finds them again', () => {
    const axis = { startS: 723, seconds: 10, left: 66, width: 1000 };
    expect(xOf(axis, 723)).toBe(66);
    expect(xOf(axis, 733)).toBe(1066);
    expect(timeAt(axis, xOf(axis, 730.35))).toBeCloseTo(730.35, 9);
    expect(mmPerSecond(1016 / 25.4, 10, 1)).toBeCloseTo(4, 9);
  });

  it('keeps labels apart at every page length', () => {
    for (const seconds of [5, 10, 20, 60, 3600]) {
      const step = labelStep({ seconds, width: 1000 }, 74);
      expect((step / seconds) * 1000).toBeGreaterThanOrEqual(74);
    }
  });

  it('prints a bar of a round value and of the height that the value has', () => {
    for (const sensitivity of [1, 7, 50]) {
      const perUv = pxPerMicrovolt(sensitivity, pxPerMm);
      const { microvolt, px } = scaleBar(perUv, 54);
      expect(px).toBeCloseTo(microvolt * perUv, 9);
      expect(px).toBeGreaterThan(54 / 2);
      expect(px).toBeLessThan(54 * 2);
      expect(Number(String(microvolt)[0])).toSatisfy((digit: number) => [1, 2, 5].includes(digit));
    }
    expect(scaleBar(pxPerMicrovolt(7, pxPerMm), 54).microvolt).toBe(100);
  });
});
