/** Terms of art in a clinician's words: every hover definition, and the glossary of the help. */
export const glossary = {
  difference:
    'How unlike two segments are to the model. 1 = two back-to-back segments of one quiet recording.',
  'farthest left out':
    'The left-out segment worst represented by a kept one. Lower is better. (coverage radius)',
  oddness: 'How rare its description is; 1 = rarest. Decides what is rejected. (HBOS)',
  'matching loss':
    'How well two altered views of one channel are recognised among others. Lower is better. (NT-Xent)',
  'directions in use':
    'How many independent things the model tells apart. Near 1 means collapse. (effective rank)',
  certainty: 'The model’s own estimate that it is right, corrected on validation clips.',
  'could be luck': 'The score guessing reaches 1 time in 20 with this many test clips. (binomial bound)',
  protected: 'Labels, pins and subjects that the selection may not lose. (rare-event guard)',
  kept: 'A segment that was chosen to stand for others.',
  'left out': 'A segment that a kept one resembles.',
  rejected: 'A segment unlike anything else; it can be looked at in the gallery and taken back.',
  pinned: 'A segment a person decided about; that decision always wins.',
  'held out': 'Set aside before learning, to see how it does on what it never saw.',
  pass: 'Going once through everything there is to learn from. (epoch)',
  segment: 'A few seconds of one recording, the unit that is kept, left out or rejected.',
  site: 'A place on the head where an electrode may sit, named by the 10-5 system, e.g. Fp1 or T7.',
  distillate: 'An ordered selection of segments, each with the reason why it was chosen.',
  'by guessing': 'The share of right answers that guessing alone would reach. (chance level)',
  masked: 'Marked as not recorded, so that the model does not take it for a value of zero.',
} as const satisfies Record<string, string>;

export type Word = keyof typeof glossary;
