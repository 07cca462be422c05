/** What of an unfinished artifact is safe on the disk: one line for each mark, in a file beside its content. */
import { open, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from './durable.ts';

export const journalName = 'journal.ndjson';

export interface SafeFile {
  bytes: number;
  /** Of the first so many bytes. */
  sha256: string;
}

export interface Journal {
  /** What the marks say, oldest first. */
  notes: unknown[];
  /** Every file as it was at the last mark, by path. */
  files: Map<string, SafeFile>;
}

/** A line; the first has `of` instead of the others. */
type Line = { of: string } | { note: unknown; files: Record<string, SafeFile> };

/** Begins one. @param of what besides the artifact's key must be the same for the marks to be of use */
export async function beginJournal(dir: string, of: string): Promise<void> {
  await appendLine(dir, { of });
}

/** The mark is durable when this resolves. @param files that changed since the mark before; they must be durable already */
export async function appendMark(dir: string, note: unknown, files: Record<string, SafeFile>): Promise<void> {
  await appendLine(dir, { note, files });
}

/**
 * Reads the marks and cuts off a line that was not written to its end, so that others may follow.
 *
 * @returns null when there is none, or when it is of something else
 */
export async function readJournal(dir: string, of: string): Promise<Journal | null> {
  const path = join(dir, journalName);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return '';
    throw error;
  });
  const journal: Journal = { notes: [], files: new Map() };
  let good = 0;
  for (let from = 0; ;) {
    const end = text.indexOf('\n', from);
    const line = end < 0 ? null : parseLine(text.slice(from, end));
    if (!line) break;
    if ('of' in line) {
      if (from > 0 || line.of !== of) return null;
    } else {
      if (from === 0) return null;
      journal.notes.push(line.note);
      for (const [name, file] of Object.entries(line.files)) journal.files.set(name, file);
    }
    from = end + 1;
    good = from;
  }
  if (good === 0) return null;
  await truncate(path, Buffer.byteLength(text.slice(0, good)));
  return journal;
}

async function appendLine(dir: string, line: Line): Promise<void> {
  const handle = await open(join(dir, journalName), 'a');
  try {
    await handle.writeFile(`${JSON.stringify(line)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function parseLine(text: string): Line | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    if ('of' in value && typeof value.of === 'string') return { of: value.of };
    return 'note' in value && 'files' in value && isSafeFiles(value.files)
      ? { note: value.note, files: value.files }
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isSafeFiles(value: unknown): value is Record<string, SafeFile> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every(
      (file: Partial<SafeFile> | null) => Number.isInteger(file?.bytes) && typeof file?.sha256 === 'string',
    )
  );
}
