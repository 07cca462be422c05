/** Learning with labels: one classifier for everybody, tested honestly, or one person with few labelled minutes. */
import type { JobInput } from '#shared/job-input.ts';
import {
  calibrateParams,
  finetuneParams,
  type CalibrateParams,
  type FinetuneParams,
  type SplitName,
} from '#shared/params/finetune.ts';
import type { GroupView, ModelView } from '#shared/views.ts';
import { figure, list, percent, plural } from '../words.ts';
import { ParamsForm } from './params-form.svelte.ts';
import { finetunePresets } from './presets.ts';

export interface LabelCount {
  label: string;
  segments: number;
  trials: number;
  subjects: number;
}

export interface SubjectCount {
  subject: string;
  minutes: number;
  trials: Record<string, number>;
}

export const splitWords: Record<SplitName, { text: string; help: string; sentence: string }> = {
  subject: {
    text: 'Other subjects',
    help: 'Whole people it never saw. What a new patient can expect.',
    sentence: 'whole subjects it never saw',
  },
  trial: {
    text: 'Whole clips',
    help: 'Clips it never saw, of people it may know. What the next session of a known person can expect.',
    sentence: 'whole clips it never saw',
  },
  window: {
    text: 'Windows (leaks)',
    help: 'Neighbouring seconds of one clip fall on both sides and are nearly equal. Every number made this way carries a red tag.',
    sentence: 'windows, which leak',
  },
};

const trainWords = {
  head: 'the last layer only',
  'head-and-norm': 'the last layer and the normalising',
  everything: 'everything',
} as const;

/** Clips of each class that a subject needs: one to learn, one to test. */
const clipsNeeded = 2;

export class CalibrateForm {
  mode = $state<'finetune' | 'calibrate'>('finetune');
  readonly finetune = new ParamsForm<FinetuneParams>(finetuneParams, finetunePresets);
  readonly calibrate = new ParamsForm<CalibrateParams>(calibrateParams, [], { subject: '-' });
  /** '' until models are known; 'none' starts from random weights. */
  model = $state('');
  dataset = $state('');
  /** Labels that were unticked. */
  left = $state.raw<readonly string[]>([]);
  labels = $state.raw<readonly LabelCount[]>([]);
  subjects = $state.raw<readonly SubjectCount[]>([]);
  models = $state.raw<readonly ModelView[]>([]);
  groups = $state.raw<readonly GroupView[]>([]);

  get chosen(): LabelCount[] {
    return this.labels.filter(({ label }) => !this.left.includes(label));
  }

  get chance(): number | null {
    return this.chosen.length < 2 ? null : 1 / this.chosen.length;
  }

  get form(): ParamsForm<FinetuneParams> | ParamsForm<CalibrateParams> {
    return this.mode === 'finetune' ? this.finetune : this.calibrate;
  }

  get input(): JobInput {
    const common = {
      segments: '',
      model: this.model,
      labels: this.left.length === 0 ? [] : this.chosen.map(({ label }) => label),
      dataset: this.dataset,
    };
    return this.mode === 'finetune'
      ? { kind: 'finetune', ...common, params: this.finetune.values }
      : { kind: 'calibrate', ...common, params: this.calibrate.values };
  }

  /** Why a subject cannot be calibrated, or null. */
  cannot({ trials }: SubjectCount): string | null {
    const few = this.chosen.filter(({ label }) => (trials[label] ?? 0) < clipsNeeded);
    if (few.length === 0) return null;
    const none = few.filter(({ label }) => (trials[label] ?? 0) === 0);
    return none.length > 0
      ? `no clip with ${list(none.map(({ label }) => label))}`
      : `only one clip with ${list(few.map(({ label }) => label))}`;
  }

  get subject(): SubjectCount | null {
    const { subject } = this.calibrate.values;
    return this.subjects.find((each) => each.subject === subject) ?? null;
  }

  get leaks(): boolean {
    return this.mode === 'finetune' && this.finetune.values.split === 'window';
  }

  get template(): string {
    return this.mode === 'finetune'
      ? 'Fit {model} to {who} for {labels}, and test {folds} on {split}.'
      : 'Fit {model} to {who} for {labels}, using up to {minutes}, changing {train}, and test on {split}.';
  }

  get sentence(): Record<string, string> {
    const model = this.model === 'none' ? 'untrained weights' : this.model || 'a model';
    const labels = plural(this.chosen.length, 'label');
    if (this.mode === 'finetune') {
      const { split, folds } = this.finetune.values;
      return {
        model,
        who: this.dataset ? `everybody in ${this.dataset}` : plural(this.subjects.length, 'subject'),
        labels,
        folds: plural(folds, 'time'),
        split: splitWords[split].sentence,
      };
    }
    const { subject, minutes, train } = this.calibrate.values;
    return {
      model,
      who: this.subject ? subject : 'one subject',
      labels,
      minutes: `${figure(minutes)} labelled minutes`,
      train: trainWords[train],
      split: 'whole clips it never saw',
    };
  }

  get method(): string {
    if (this.mode === 'finetune') {
      const { passes, patience, batch, encoderRate, headRate, seed } = this.finetune.values;
      return list([
        `up to ${plural(passes, 'pass', 'passes')}`,
        `stops after ${patience} without gain`,
        `batches of ${batch}`,
        `step sizes ${figure(encoderRate)} and ${figure(headRate)}`,
        `seed ${seed}`,
      ]);
    }
    const { passes, points, draws, learningRate, seed } = this.calibrate.values;
    return list([
      plural(passes, 'pass', 'passes'),
      plural(points, 'point'),
      plural(draws, 'draw'),
      `step size ${figure(learningRate)}`,
      `seed ${seed}`,
    ]);
  }

  /** What guessing reaches with these labels, in words. */
  get chanceWords(): string {
    return this.chance === null
      ? 'At least two labels are needed.'
      : `Guessing reaches ${percent(this.chance, 3)}.`;
  }

  get blockedBy(): string | null {
    if (this.labels.length === 0) return 'No segment has a label yet';
    if (this.chosen.length < 2) return 'At least two labels are needed';
    if (this.model === '') return 'No pre-trained model yet';
    const problem = this.form.problems[0];
    if (problem) return problem.text;
    if (this.mode === 'finetune') {
      const { split } = this.finetune.values;
      if (split === 'subject' && this.subjects.length < 2)
        return 'Only one subject has labels; test on whole clips instead';
      return null;
    }
    if (!this.subject) return 'Choose a subject';
    const why = this.cannot(this.subject);
    return why ? `${this.subject.subject} has ${why}` : null;
  }
}
