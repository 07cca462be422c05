import { describe, expect, it } from 'vitest';
import { nextStep } from '#renderer/next-step.ts';

describe('the next step of an empty screen', () => {
  const study = (recordings: number, distillates: number, models: number) => ({
    recordings,
    distillates,
    models,
  });

  it('is the earliest one still missing, whatever the screen wants', () => {
    for (const wanted of ['a distillate', 'a model', 'a calibrated model'] as const) {
      expect(nextStep(null, wanted).href).toBe('/');
      expect(nextStep(study(0, 0, 0), wanted).href).toBe('/recordings/add');
      expect(nextStep(study(5, 0, 0), wanted).href).toBe('/distil/new');
    }
    expect(nextStep(study(5, 1, 0), 'a model').href).toBe('/pretrain/new');
    expect(nextStep(study(5, 1, 0), 'a calibrated model').href).toBe('/pretrain/new');
    expect(nextStep(study(5, 1, 1), 'a calibrated model').href).toBe('/calibrate/new');
  });

  it('never asks for more than the screen needs', () => {
    expect(nextStep(study(5, 1, 1), 'a distillate').href).toBe('/distil/new');
    expect(nextStep(study(5, 1, 1), 'a model').href).toBe('/pretrain/new');
  });
});
