/** One person under several spellings: S01, s-1 and "S 001" are the same name. */

/** The spelling-free form of a subject's name: case, punctuation and leading zeros do not count. */
export function subjectKey(subject: string, aliases: Readonly<Record<string, string>> = {}): string {
  const known = aliases[subject] ?? subject;
  const parts = known
    .normalize('NFKC')
    .toLowerCase()
    .match(/\p{L}+|\d+/gu);
  return parts ? parts.map((part) => part.replace(/^0+(?=\d)/, '')).join('-') : known;
}
