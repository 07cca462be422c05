/** New names for people and recordings. The key from old to new stays with the study and is never exported. */
import type { Random } from '#shared/random.ts';

/** Old name → new name. */
export interface PseudonymKey {
  subjects: Record<string, string>;
  recordings: Record<string, string>;
}

/**
 * Names subjects S-001 … and recordings R-001 … in an order drawn by chance, so that the number tells nothing. Names that
 * an earlier key knows keep theirs. Where the study itself uses such names another letter is taken, so that old and new
 * can never be confused.
 */
export function namePseudonyms(
  names: { subjects: Iterable<string>; recordings: Iterable<string> },
  random: Random,
  earlier: PseudonymKey = { subjects: {}, recordings: {} },
): PseudonymKey {
  const subjects = [...new Set(names.subjects)].sort();
  const recordings = [...new Set(names.recordings)].sort();
  const taken = [...subjects, ...recordings];
  return {
    subjects: extend(earlier.subjects, subjects, ['S', 'P', 'U', 'V'], taken, random.fork('subject names')),
    recordings: extend(
      earlier.recordings,
      recordings,
      ['R', 'F', 'K', 'W'],
      taken,
      random.fork('recording names'),
    ),
  };
}

function extend(
  earlier: Record<string, string>,
  names: readonly string[],
  letters: readonly string[],
  taken: readonly string[],
  random: Random,
): Record<string, string> {
  const free = (letter: string) => {
    const alike = new RegExp(`(^|[^\\p{L}\\p{N}])${letter}-\\d`, 'iu');
    return !taken.some((name) => alike.test(name));
  };
  const letter = letters.find(free) ?? `${letters[0]}${letters[0]}X`;
  const fresh = names.filter((name) => earlier[name] === undefined);
  const numbers = Object.values(earlier).map((given) => Number(/\d+$/.exec(given)?.[0] ?? 0));
  const first = numbers.reduce((most, n) => Math.max(most, n), 0) + 1;
  const result = { ...earlier };
  random.permutation(fresh.length).forEach((at, i) => {
    result[fresh[at]!] = `${letter}-${String(first + i).padStart(3, '0')}`;
  });
  return result;
}
