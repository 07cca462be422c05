/** Time-stamped annotation lists (TAL) of EDF+: `+onset[\x15duration]\x14text\x14…\x00`, written and read. */
import type { Annotation } from '#shared/eeg/recording.ts';

/** The empty annotation that tells when a data record starts. */
export function timeKeepingTal(onsetS: number): Uint8Array {
  return encoder.encode(`${seconds(onsetS, true)}\x14\x14\x00`);
}

/** One annotation as a TAL; its channel, when it has one, becomes the suffix `@@channel`. */
export function annotationTal(annotation: Annotation): Uint8Array {
  const duration = annotation.durationS > 0 ? `\x15${seconds(annotation.durationS, false)}` : '';
  // the four control characters of a TAL cannot stand in a text
  const clean = (text: string) => text.replace(/[\x00\x14\x15]/g, ' ');
  const channel = annotation.channel === undefined ? '' : `@@${clean(annotation.channel)}`;
  return encoder.encode(
    `${seconds(annotation.onsetS, true)}${duration}\x14${clean(annotation.text)}${channel}\x14\x00`,
  );
}

/** Up to microseconds, no exponent, a sign in front of an onset. */
function seconds(value: number, signed: boolean): string {
  let text = value.toFixed(6).replace(/0+$/, '').replace(/\.$/, '');
  if (text === '-0') text = '0';
  return signed && !text.startsWith('-') ? `+${text}` : text;
}

const encoder = new TextEncoder();

export interface TalRegion {
  /** Onset of the record, from its first TAL; null when there is none. */
  recordOnsetS: number | null;
  annotations: Annotation[];
  /** Stretches that are no TAL at all, or were cut by the end of the region. */
  malformed: number;
}

/**
 * Reads one record's annotation region.
 *
 * @param keepsTime whether the first TAL tells the record's onset (only in the first annotation signal)
 */
export function parseTals(bytes: Uint8Array, keepsTime: boolean): TalRegion {
  const region: TalRegion = { recordOnsetS: null, annotations: [], malformed: 0 };
  let at = 0;
  let first = keepsTime;
  while (at < bytes.length) {
    if (bytes[at] === 0) {
      at++;
      continue;
    }
    let end = bytes.indexOf(0, at);
    const cut = end < 0;
    if (cut) end = bytes.length;
    const tal = readTal(bytes.subarray(at, end));
    if (tal === null || cut) region.malformed++;
    if (tal !== null) {
      if (first) {
        region.recordOnsetS = tal.onsetS;
        if (tal.texts[0] === '') tal.texts.shift();
      }
      for (const text of tal.texts) if (text !== '') region.annotations.push(annotation(tal, text));
    }
    first = false;
    at = end + 1;
  }
  return region;
}

interface Tal {
  onsetS: number;
  durationS: number;
  texts: string[];
}

function readTal(bytes: Uint8Array): Tal | null {
  const firstText = bytes.indexOf(0x14);
  if (firstText < 0) return null;
  const stamp = latin1.decode(bytes.subarray(0, firstText));
  const match = /^([+-]?\d+(?:[.,]\d*)?)(?:\x15(\d*(?:[.,]\d*)?))?$/.exec(stamp.trim());
  if (!match) return null;
  const rest = bytes.subarray(firstText + 1);
  const texts = text(rest).split('\x14');
  if (texts.length > 1 && texts.at(-1) === '') texts.pop();
  return { onsetS: number(match[1]!), durationS: match[2] ? number(match[2]) : 0, texts };
}

function annotation(tal: Tal, text: string): Annotation {
  const base = { onsetS: tal.onsetS, durationS: tal.durationS };
  const split = text.lastIndexOf('@@');
  return split >= 0
    ? { ...base, text: text.slice(0, split), channel: text.slice(split + 2).trim() }
    : { ...base, text };
}

const number = (text: string) => Number(text.replace(',', '.'));
const latin1 = new TextDecoder('latin1');
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** UTF-8 as EDF+ says, Latin-1 as many writers do. */
function text(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return latin1.decode(bytes);
    throw error;
  }
}
