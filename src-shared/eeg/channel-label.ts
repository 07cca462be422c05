/** One channel label taken apart: what it names, against what it was recorded, and each step on the way. */
import type { ChannelKind } from './recording.ts';

export interface ParsedLabel {
  /** The label without padding, quotes, unit and running number. */
  cleaned: string;
  /** Said by a prefix such as 'EEG ' or 'ECG '; 'other' for magnetic or intracranial channels. */
  type: ChannelKind | 'other' | null;
  /** What is left after the prefix: 'Fp1-REF'. */
  body: string;
  /** What should be a site: 'FP1'. */
  token: string;
  /** The second half of 'Fp1-REF' or 'Fp1-F7', as written; null when there is none. */
  suffix: string | null;
  /** Canonical name when the suffix is a known reference: 'REF', 'AVG', 'A1', 'A1+A2', … */
  reference: string | null;
  /** Plain words, in order. */
  steps: string[];
}

/** Takes a label apart in the fixed order: tidy, type prefix, reference suffix. Never judges the site itself. */
export function parseLabel(label: string): ParsedLabel {
  const steps: string[] = [];
  let text = tidy(label, steps);
  const cleaned = text;
  let type: ParsedLabel['type'] = null;
  const prefix = prefixPattern.exec(text);
  if (prefix) {
    const word = prefix[1]!;
    type = prefixes[word.toUpperCase()] ?? null;
    text = prefix[2]!;
    steps.push(`prefix “${word}” taken off`);
  } else {
    const alone = prefixes[text.toUpperCase()];
    if (alone) type = alone;
  }
  const split = /^([^\-/:]+)[-/:](.+)$/.exec(text);
  if (!split) return { cleaned, type, body: text, token: text, suffix: null, reference: null, steps };
  const token = split[1]!.trim();
  const suffix = split[2]!.trim();
  const reference = knownReference(suffix);
  if (reference) steps.push(`“${suffix}” is its reference${referenceMeaning(reference)}`);
  return { cleaned, type, body: text, token, suffix, reference, steps };
}

/** The canonical name of a reference, or null: 'LE' and '(A1+A2)/2' are both 'A1+A2'. */
export function knownReference(text: string): string | null {
  const compact = text
    .toUpperCase()
    .replace(/[()\s]/g, '')
    .replace(/\/2$/, '')
    .replace(/[+/&,]/g, '');
  return references[compact] ?? null;
}

function tidy(label: string, steps: string[]): string {
  const collapsed = label
    .replace(/[\0\s\u00a0]+/g, ' ')
    .replace(/[‐-―−]/g, '-')
    .trim();
  let text = collapsed.replace(/^(["'])(.+)\1$/, '$2').replace(/ ?([-/:]) ?/g, '$1');
  const dots = /^(.*?[^.])\.+$/.exec(text);
  if (dots) {
    text = dots[1]!;
    steps.push('padding dots taken off');
  }
  const unit = /^(.+?) ?[([](?:[nuµμm]?V)[)\]]$/i.exec(text);
  if (unit) {
    text = unit[1]!;
    steps.push('unit in brackets taken off');
  }
  const running = /^(.+[-/:].+)-\d$/.exec(text);
  if (running) {
    text = running[1]!;
    steps.push('running number taken off');
  }
  return text;
}

function referenceMeaning(reference: string): string {
  if (reference === 'REF') return ' (which one, the file does not say)';
  if (reference === 'AVG') return ' (average)';
  if (reference === 'A1+A2') return ' (linked ears)';
  if (reference === 'M1+M2') return ' (linked mastoids)';
  return '';
}

/** 'POL' marks an input of Nihon Kohden recorders and 'RAW' one of Muse; neither says what is measured. */
const prefixes: Record<string, ParsedLabel['type']> = {
  EEG: 'eeg',
  ECG: 'ecg',
  EKG: 'ecg',
  EOG: 'eog',
  EMG: 'emg',
  RESP: 'resp',
  MEG: 'other',
  SEEG: 'other',
  ECOG: 'other',
  IEEG: 'other',
};
const prefixPattern = /^(EEG|ECG|EKG|EOG|EMG|RESP|MEG|SEEG|ECOG|IEEG|POL|RAW)[ .\-_:]+(.+)$/i;

const references: Record<string, string> = {
  REF: 'REF',
  REFERENCE: 'REF',
  REF1: 'REF',
  LE: 'A1+A2',
  A1A2: 'A1+A2',
  A2A1: 'A1+A2',
  M1M2: 'M1+M2',
  M2M1: 'M1+M2',
  AVG: 'AVG',
  AVE: 'AVG',
  AV: 'AVG',
  AVERAGE: 'AVG',
  CAR: 'AVG',
  AR: 'AVG',
  A1: 'A1',
  A2: 'A2',
  M1: 'M1',
  M2: 'M2',
  VREF: 'Cz',
};
