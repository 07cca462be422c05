/** What to do first on a screen that has nothing to show: the earliest step of the work that is still missing. */
import type { StudyView } from '#shared/views.ts';
import type { IconName } from './ui/icons.ts';

export interface NextStep {
  /** 'It begins with a folder of recordings.' */
  sentence: string;
  verb: string;
  icon: IconName;
  href: string;
}

const steps = {
  study: { sentence: 'First open a study.', verb: 'Open a study', icon: 'study', href: '/' },
  recordings: {
    sentence: 'It begins with a folder of recordings.',
    verb: 'Add folder',
    icon: 'add',
    href: '/recordings/add',
  },
  distillate: {
    sentence: 'First choose what to keep of the recordings.',
    verb: 'New distillate',
    icon: 'distil',
    href: '/distil/new',
  },
  model: {
    sentence: 'First let a model learn from a distillate.',
    verb: 'New pre-training',
    icon: 'pretrain',
    href: '/pretrain/new',
  },
  calibrated: {
    sentence: 'Fit a pre-trained model to labels.',
    verb: 'Calibrate',
    icon: 'calibrate',
    href: '/calibrate/new',
  },
} as const satisfies Record<string, NextStep>;

/** The first step still missing on the way to what a screen shows. */
export function nextStep(
  study: Pick<StudyView, 'recordings' | 'distillates' | 'models'> | null,
  wanted: 'a distillate' | 'a model' | 'a calibrated model',
): NextStep {
  if (!study) return steps.study;
  if (study.recordings === 0) return steps.recordings;
  if (wanted === 'a distillate' || study.distillates === 0) return steps.distillate;
  if (wanted === 'a model' || study.models === 0) return steps.model;
  return steps.calibrated;
}
