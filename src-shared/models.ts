/** What stands in a model's manifest summary, and in a calibration's file: the words both sides use for models. */
import type { Curve } from './views.ts';

export type ModelKind = 'pretrained' | 'classifier' | 'calibrated';

export interface HealthLine {
  level: 'ok' | 'warning' | 'error';
  text: string;
}

export interface ModelSummary extends Record<string, unknown> {
  kind: ModelKind;
  /** 'one-model-for-all', 'art-gat', 'eegnet', 'band-power-lda'. */
  recipe: string;
  parent: string | null;
  parameters: number;
  segments: number;
  subjects: number;
  /** What it learned from, in words: 'D-1a2b3c4d5e, 5 %', 'all segments', 'random, seed 1'. */
  subset: string;
  electrodes: string[];
  classes: string[];
  weights: { loaded: number; of: number } | null;
  health: HealthLine[];
  /** The evaluation that goes with it. */
  evaluation: string | null;
  /** Headline on held-out data. */
  headline: {
    name: string;
    value: number;
    low: number | null;
    high: number | null;
    chance: number | null;
    /** What was counted, with its number: '210 channels of 2 subjects'. Absent in models made before it was kept. */
    of?: string;
  } | null;
  /** Stopped by hand before its planned end. */
  stoppedEarly: boolean;
}

/** `curves.json` of a model. */
export type CurvesFile = Curve[];

export interface CalibrationFile {
  subject: string;
  classes: string[];
  chance: number;
  /** Share of right answers that guessing reaches 1 time in 20 with this many test trials. */
  luck: number;
  points: {
    minutes: number;
    accuracy: number;
    low: number;
    high: number;
    draws: number[];
    /** Segments tested in a draw, and the clips they are of: only clips are independent. */
    test: number;
    /** Absent in files written before it was counted. */
    trials?: number;
  }[];
}
