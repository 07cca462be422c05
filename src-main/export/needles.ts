/** What must not be found in an export: names, numbers and dates of the sources, in every spelling and encoding. */

export interface Needle {
  bytes: Uint8Array;
  /** As it stood in the source; never written into an export. */
  text: string;
  encoding: Encoding;
  /**
   * Short or all-digit needles also occur by chance in numbers: they count only as a word of their own inside readable text.
   */
  word: boolean;
}

export const encodings = ['UTF-8', 'Latin-1', 'UTF-16', 'UTF-32'] as const;
export type Encoding = (typeof encodings)[number];

/** Words that file names and headers share with every export; alone they identify nobody. */
const ordinary = new Set(
  `anonymous balanced demo paper sample annotations annotation baseline bdf calibration channel channels class classes clinical csv data dataset
   distance eeg edf electrode electrodes emotion emotions evaluation export female file files folder group index
   jan feb mar apr may jun jul aug sep oct nov dec january february march april june july august september october november
   december label labels limbeck male model name none normal null order patient prepared raw reason recorded recording
   recordings rest resting run sample samples seconds segment segments session sessions signal signals sleep startdate
   stimulus study subject subjects subset task test tests train training trial trials true false unknown user users version
   videos video weights work window windows microvolt home desktop documents downloads tmp temp var mnt media volumes
   reaction reference average notch filter care hospital university`.split(/\s+/),
);

/**
 * Spells out what to look for.
 *
 * @param identifiers texts as they stand in the sources: names, patient fields, paths, 'YYYY-MM-DDTHH:MM:SS' starts
 * @param deliberate  words that are exported on purpose, e.g. class labels and electrode names
 * @returns needles, the parts they spell, and how many parts were left because they are too short or too ordinary to search for
 */
export function needlesOf(
  identifiers: Iterable<string>,
  deliberate: Iterable<string>,
): { needles: Needle[]; texts: Set<string>; passedOver: number } {
  const allowed = new Set([...deliberate].map((word) => word.toLowerCase()));
  const texts = new Set<string>();
  const passedOver = new Set<string>();
  for (const identifier of new Set(identifiers))
    for (const part of partsOf(identifier)) {
      const plain = part.toLowerCase();
      if (ordinary.has(plain) || allowed.has(plain) || !searchable(part)) passedOver.add(plain);
      else texts.add(part);
    }
  const seen = new Map<string, Needle>();
  for (const text of texts)
    for (const spelling of spellingsOf(text))
      for (const encoding of encodings) {
        const bytes = encode(spelling, encoding);
        if (bytes) seen.set(`${spelling}/${encoding}`, { bytes, text, encoding, word: isWeak(spelling) });
      }
  return { needles: [...seen.values()], texts, passedOver: passedOver.size };
}

/** The whole text, its words, the names along a path, and every date in it the way files write dates. */
function partsOf(identifier: string): Set<string> {
  const text = identifier.trim();
  const parts = new Set([text]);
  for (const word of text.split(/\s+/)) {
    const dates = datesOf(word);
    for (const part of dates.length > 0 ? dates : [word]) parts.add(part);
    if (dates.length > 0) continue;
    for (const smaller of word.split(/[^\p{L}\p{N}]+/u)) parts.add(smaller);
  }
  if (datesOf(text).length > 0) return parts;
  for (const name of text.split(/[\\/]/)) {
    parts.add(name);
    parts.add(name.replace(/\.[A-Za-z0-9]{1,5}$/, ''));
  }
  parts.delete('');
  return parts;
}

const months = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');

/** '2019-03-12[T14:33:05]', '12-MAR-2019' or '12.03.2019' in all these and other spellings; empty when it is no date. */
function datesOf(word: string): string[] {
  const iso = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d))?/.exec(word);
  const named = /^(\d\d)-([A-Za-z]{3})-(\d{4})$/.exec(word);
  const dotted = /^(\d\d)\.(\d\d)\.(\d{4})$/.exec(word);
  const month = named ? String(months.indexOf(named[2]!.toUpperCase()) + 1).padStart(2, '0') : '';
  const [y, m, d] = iso
    ? [iso[1]!, iso[2]!, iso[3]!]
    : named && month !== '00'
      ? [named[3]!, month, named[1]!]
      : dotted
        ? [dotted[3]!, dotted[2]!, dotted[1]!]
        : [];
  const name = months[Number(m) - 1];
  if (!y || !m || !d || !name) return [];
  const dates = [`${y}-${m}-${d}`, `${d}.${m}.${y.slice(2)}`, `${d}.${m}.${y}`, `${d}-${name}-${y}`];
  return [...dates, `${d}/${m}/${y}`, `${y}${m}${d}`, ...(iso?.[4] ? [`${y}-${m}-${d}T${iso[4]}`] : [])];
}

/** Whether a short text, such as a parameter, holds any of the identifiers. */
export function createMention(identifiers: Iterable<string>): (text: string) => boolean {
  const parts = [...needlesOf(identifiers, []).texts].map((part) => part.toLowerCase());
  return (text) => parts.some((part) => text.toLowerCase().includes(part));
}

/** All words of a text, for the words an export would hold whoever it is about. */
export function wordsOf(text: string): string[] {
  return [...new Set(text.split(/[^\p{L}\p{N}]+/u))];
}

/** Four characters with a letter, or six digits; less would be found everywhere. */
function searchable(part: string): boolean {
  return /\p{L}/u.test(part) ? part.length >= 4 : part.replace(/\D/g, '').length >= 6;
}

function isWeak(text: string): boolean {
  return text.length < 6 || /^[\d.,\- ]+$/.test(text) || /^[0-9a-f]+$/i.test(text);
}

function spellingsOf(text: string): Set<string> {
  const composed = text.normalize('NFC');
  const forms = [composed, text.normalize('NFD'), composed.normalize('NFD').replace(/\p{M}/gu, '')];
  return new Set(
    forms.flatMap((form) => [
      form,
      form.toLowerCase(),
      form.toUpperCase(),
      form.charAt(0).toUpperCase() + form.slice(1).toLowerCase(),
    ]),
  );
}

/** @returns null when the encoding cannot hold the text, or says the same as UTF-8 */
function encode(text: string, encoding: Encoding): Uint8Array | null {
  if (encoding === 'UTF-8') return new TextEncoder().encode(text);
  if (encoding === 'Latin-1') {
    const codes = Array.from(text, (char) => char.codePointAt(0)!);
    return codes.some((code) => code > 255) || codes.every((code) => code < 128)
      ? null
      : Uint8Array.from(codes);
  }
  if (encoding === 'UTF-16') return new Uint8Array(Buffer.from(text, 'utf16le'));
  const codes = Uint32Array.from(Array.from(text, (char) => char.codePointAt(0)!));
  return new Uint8Array(codes.buffer);
}
