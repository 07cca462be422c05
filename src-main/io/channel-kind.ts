/** First guess of what a channel measures, from its label and unit alone; the channel map refines it. */
import type { ChannelKind } from '#shared/eeg/recording.ts';

/** Scalp positions of the 10-20, 10-10 and 10-5 families, ears and mastoids, as whole tokens. */
const site =
  /^(nz|iz|a[12]|m[12]|cb[12]|(fp|afp|af|aff|f|ffc|ffft|fft|fc|fcc|ft|ftt|c|ccp|t|ttp|tp|tpp|cp|cpp|p|ppo|po|poo|o|oi|i)(z|\d{1,2}h?))$/i;

const words: readonly [RegExp, ChannelKind][] = [
  [/^(edf|bdf) annotations$/i, 'annotations'],
  [/\b(status|trig(ger)?|sti(m)?( ?\d+)?|mark(er)?s?\d*|mkr\+?|events?|photic)\b|^mark\d+/i, 'trigger'],
  [/\b(eog|loc|roc|heo[gvl]?|veo[gul]?|heog|veog)\b|^eog/i, 'eog'],
  [/\b(e[ck]g\d*)\b|^e[ck]g/i, 'ecg'],
  [/\b(emg\d*|chin\d*|tib)\b|^emg/i, 'emg'],
  [/\b(resp|thor|abd|abdomen|flow|airflow|sao2|spo2|nasal|snore)\b|^resp/i, 'resp'],
  [/\b(acc(el)?[xyz]?|gyro[xyz]?)\b|^acc[xyz]?$/i, 'acc'],
];

/** @param unit as in the file; a scalp name in degrees or percent is no EEG */
export function channelKind(label: string, unit: string): ChannelKind {
  const text = label.replace(/[_.]+/g, ' ').trim();
  for (const [pattern, kind] of words) if (pattern.test(text)) return kind;
  const voltage = unit === '' || microvoltFactor(unit) !== null;
  if (!voltage) return 'aux';
  if (/^eeg\b/i.test(text)) return 'eeg';
  // 'Fp1-F7', 'C3-REF', 'Cz..': judged by the first electrode
  const first = text.split(/[-/: ]/)[0] ?? '';
  return site.test(first) ? 'eeg' : 'unknown';
}

/** Whether a label is just the name of a scalp electrode. */
export const isScalpName = (label: string): boolean => site.test(label.trim());

/** What turns a unit into µV; null for anything that is not a voltage. µ comes in several spellings and code pages. */
export function microvoltFactor(unit: string): number | null {
  const text = unit.replace(/\s+/g, '');
  // U+00B5, U+03BC, Shift-JIS 83 CA read as Windows-1252, UTF-8 C2 B5 read as Latin-1
  if (/^(u|µ|μ|ƒÊ|Âµ|micro)V(olts?)?$/i.test(text)) return 1;
  if (/^nV$/i.test(text)) return 1e-3;
  if (/^(mV|millivolts?)$/.test(text)) return 1e3;
  if (/^(V|volts?)$/i.test(text)) return 1e6;
  return null;
}
