/** Searches the bytes of an export for everything that could name a person, a file or a day. */
import { open } from 'node:fs/promises';
import { encodings, type Encoding, type Needle } from './needles.ts';

export interface Finding {
  /** Position of the needle's first byte. */
  offset: number;
  needle: Needle;
}

const chunkBytes = 4 << 20;
const textRun = 12;

/** A searcher over any number of files: one pass over the bytes whatever the number of needles. */
export function createIdentifierSearch(needles: readonly Needle[]): {
  bytes(content: Uint8Array): Finding[];
  /** Reads in pieces; memory stays flat. */
  file(path: string): Promise<Finding[]>;
} {
  // Every needle has at least four bytes: the first two pass a bit filter, the first four a map.
  const starts = new Uint8Array(65536);
  const byPrefix = new Map<number, Needle[]>();
  let longest = 0;
  for (const needle of needles) {
    const { bytes } = needle;
    starts[bytes[0]! | (bytes[1]! << 8)] = 1;
    const key = prefix(bytes, 0);
    byPrefix.set(key, [...(byPrefix.get(key) ?? []), needle]);
    longest = Math.max(longest, bytes.length);
  }
  const margin = longest + textRun * 8;

  /** Findings that start in [from, until). */
  const scan = (content: Uint8Array, from: number, until: number): Finding[] => {
    const found: Finding[] = [];
    for (let at = from; at < Math.min(until, content.length - 3); at++) {
      if (starts[content[at]! | (content[at + 1]! << 8)] === 0) continue;
      for (const needle of byPrefix.get(prefix(content, at)) ?? [])
        if (matches(content, at, needle) && (!needle.word || isWord(content, at, needle)))
          found.push({ offset: at, needle });
    }
    return found;
  };

  return {
    bytes: (content) => scan(content, 0, content.length),
    async file(path) {
      const handle = await open(path, 'r');
      try {
        const { size } = await handle.stat();
        const found: Finding[] = [];
        for (let start = 0; start < size; start += chunkBytes) {
          const first = Math.max(0, start - margin);
          const content = new Uint8Array(Math.min(size, start + chunkBytes + margin) - first);
          await handle.read(content, 0, content.length, first);
          for (const finding of scan(content, start - first, start - first + chunkBytes))
            found.push({ ...finding, offset: finding.offset + first });
        }
        return found;
      } finally {
        await handle.close();
      }
    },
  };
}

function prefix(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

function matches(content: Uint8Array, at: number, { bytes }: Needle): boolean {
  if (at + bytes.length > content.length) return false;
  for (let i = 4; i < bytes.length; i++) if (content[at + i] !== bytes[i]) return false;
  return true;
}

const unitBytes: Record<Encoding, number> = { 'UTF-8': 1, 'Latin-1': 1, 'UTF-16': 2, 'UTF-32': 4 };

/** Neither letter, digit nor, for numbers, a point touches it, and it stands in readable text of at least 12 characters. */
function isWord(content: Uint8Array, at: number, { bytes, text, encoding }: Needle): boolean {
  const unit = unitBytes[encoding];
  const charAt = (offset: number): number => {
    if (offset < 0 || offset + unit > content.length) return -1;
    for (let i = 1; i < unit; i++) if (content[offset + i] !== 0) return -1;
    return content[offset]!;
  };
  const end = at + bytes.length;
  const numeric = /^[\d.,\- ]+$/.test(text);
  const joins = (code: number) =>
    code >= 0 && ((numeric && code === 46) || /[0-9A-Za-z]/.test(String.fromCharCode(code)));
  if (joins(charAt(at - unit)) || joins(charAt(end))) return false;
  if (unit > 1) return true; // zero bytes between the characters are no accident already
  const readable = (code: number) =>
    code >= 0 && (code === 9 || code === 10 || code === 13 || (code >= 32 && code < 127));
  let run = bytes.length;
  for (let o = at - 1; run < textRun && readable(charAt(o)); o--) run++;
  for (let o = end; run < textRun && readable(charAt(o)); o++) run++;
  return run >= textRun || at === 0 || end === content.length;
}

/** For the report: how many needles in how many encodings. */
export const searchedEncodings = encodings.length;
