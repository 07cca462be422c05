/** What all labels of a file say together: a name like 'C3' means one thing among names and another among numbers. */
import { canonicalSite, siteNamed } from './electrodes.ts';
import { aliasOf } from './electrode-aliases.ts';
import type { ParsedLabel } from './channel-label.ts';

export interface NamingScheme {
  /** Letters whose labels are numbered inputs, not sites: A–I of BioSemi, E of EGI, C of 'C1 … C32'. */
  banks: ReadonlySet<string>;
  bankReason: string;
  /** Highest n of E1 … En when the labels are those of an EGI net, else 0. */
  egi: number;
  /** Channels that carry a name of the scalp. */
  named: number;
  /** Zero-padded plain numbers such as '03', so '01' is a number as well. */
  padded: boolean;
  /** The one site that all derivations share as second end: a common reference written as a pair. */
  commonSite: string | null;
  /** Unknown endings that at least three channels share. */
  commonEndings: ReadonlySet<string>;
}

const bankLabel = /^([A-Z])(\d{1,3})$/;

/** Reads the scheme off the parsed labels of all channels of one file. */
export function namingScheme(parsed: readonly ParsedLabel[]): NamingScheme {
  const tokens = parsed
    .filter(({ type }) => type === null || type === 'eeg')
    .map(({ token }) => token.toUpperCase());
  const numbers = new Map<string, Set<number>>();
  for (const token of tokens) {
    const match = bankLabel.exec(token);
    if (!match) continue;
    const of = numbers.get(match[1]!) ?? new Set();
    numbers.set(match[1]!, of.add(Number(match[2])));
  }
  const status = parsed.some(({ cleaned }) => /^status$/i.test(cleaned));
  const { banks, bankReason } = numberedBanks(tokens, numbers, status);
  return {
    banks,
    bankReason,
    egi: banks.has('E') && !banks.has('A') ? Math.max(...numbers.get('E')!) : 0,
    named: tokens.filter((token) => isName(token) && !banks.has(bankLabel.exec(token)?.[1] ?? '')).length,
    padded: tokens.some((token) => /^0[3-9]$/.test(token)),
    commonSite: sharedSite(parsed),
    commonEndings: sharedEndings(parsed),
  };
}

/** First number of a letter that no site carries; a run from 1 up to it cannot be names. F11, F12, P11, P12 do exist on some caps. */
const firstImpossible: Record<string, number> = {
  A: 3,
  C: 7,
  E: 3,
  F: 13,
  I: 3,
  M: 3,
  N: 3,
  O: 3,
  P: 13,
  T: 11,
};

function numberedBanks(
  tokens: readonly string[],
  numbers: ReadonlyMap<string, ReadonlySet<number>>,
  status: boolean,
): { banks: Set<string>; bankReason: string } {
  const runs = (letter: string, to: number): boolean => {
    const of = numbers.get(letter);
    return of !== undefined && Array.from({ length: to }, (_, i) => i + 1).every((n) => of.has(n));
  };
  const lettersAtoI = 'ABCDEFGHI'.split('').filter((letter) => numbers.has(letter));
  const biosemi =
    runs('A', 3) || (runs('A', 1) && runs('B', 1)) || (status && runs('A', 1) && !tokens.some(isPlainName));
  if (biosemi)
    return {
      banks: new Set(lettersAtoI),
      bankReason: 'A1, B1 … are numbered inputs of a cap (BioSemi), not ear lobes or sites',
    };
  const counted = [...numbers.keys()].filter((letter) => runs(letter, firstImpossible[letter] ?? 3));
  if (counted.length)
    return {
      banks: new Set(counted),
      bankReason: counted.includes('E')
        ? 'E1, E2 … are numbered sensors of a net (EGI), not sites'
        : `${counted[0]}1, ${counted[0]}2 … count the inputs and are not sites`,
    };
  const names = tokens.filter(isName);
  const only = new Set(names.map((token) => bankLabel.exec(token)?.[1] ?? 'several'));
  const [letter] = only;
  if (only.size === 1 && letter !== undefined && letter !== 'several' && names.length >= 3 && runs(letter, 3))
    return {
      banks: new Set([letter]),
      bankReason: `${letter}1, ${letter}2, ${letter}3 … are the only names here, so they may just count the inputs`,
    };
  return { banks: new Set(), bankReason: '' };
}

const isName = (token: string): boolean =>
  canonicalSite(token) !== null || (aliasOf(token)?.site ?? null) !== null;

/** A name that cannot be a numbered input: 'CZ', 'FP1', 'AF3'. */
const isPlainName = (token: string): boolean => isName(token) && !bankLabel.test(token);

function sharedSite(parsed: readonly ParsedLabel[]): string | null {
  const pairs = parsed.flatMap(({ token, suffix, reference }) => {
    const second = suffix !== null && !reference ? canonicalSite(suffix) : null;
    return second && isName(token.toUpperCase()) ? [{ first: canonicalSite(token), second }] : [];
  });
  const second = pairs[0]?.second;
  if (second === undefined || pairs.length < 6) return null;
  const common = pairs.every((pair) => pair.second === second && pair.first !== second);
  return common && siteNamed(second)?.class === 'scalp' ? second : null;
}

function sharedEndings(parsed: readonly ParsedLabel[]): Set<string> {
  const counts = new Map<string, Set<string>>();
  for (const { token, suffix, reference } of parsed) {
    if (suffix === null || reference || !isName(token.toUpperCase())) continue;
    if (canonicalSite(suffix) || aliasOf(suffix.toUpperCase())) continue;
    const of = counts.get(suffix.toUpperCase()) ?? new Set();
    counts.set(suffix.toUpperCase(), of.add(token.toUpperCase()));
  }
  return new Set([...counts].filter(([, tokens]) => tokens.size >= 3).map(([ending]) => ending));
}
