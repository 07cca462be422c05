/** Lists as one text: parts with commas between; a part that holds a comma or a quote stands in double quotes, as in CSV. */
import { AppError } from './errors.ts';

/** '"sad, tired",joy' → ['sad, tired', 'joy']; empty parts are dropped. @throws AppError 'invalid-input' when a quote stays open */
export function splitList(text: string): string[] {
  const parts: string[] = [];
  for (let rest = text; rest !== '';) {
    const found = /^\s*"((?:[^"]|"")*)"\s*(?:,|$)|^([^,]*)(?:,|$)/.exec(rest)!;
    const [whole, quoted, plain = ''] = found;
    if (quoted === undefined && plain.trimStart().startsWith('"'))
      throw new AppError(
        'invalid-input',
        `In ${text} a double quote is not closed before the next comma; write "one, name","another", and a quote inside a name twice.`,
      );
    const part = quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"');
    if (part !== '') parts.push(part);
    rest = rest.slice(whole.length);
  }
  return parts;
}

/** The text that {@link splitList} reads back as the very same list. */
export function joinList(parts: readonly string[]): string {
  return parts
    .map((part) => (/[",]|^\s|\s$/.test(part) ? `"${part.replaceAll('"', '""')}"` : part))
    .join(',');
}
