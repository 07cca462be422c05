/** One pass over the rows of a table: how many there are, where every 512th begins, what counter and clock say. */
import { setImmediate } from 'node:timers/promises';
import type { ByteSource } from './source.ts';
import { cellNumber, type Table } from './table.ts';

/** Rows between two remembered byte offsets. */
export const indexStep = 512;

export interface Scan {
  rows: number;
  /** Byte of rows 0, 512, 1024, … */
  offsets: number[];
  /** One value per row; null without such a column. */
  counter: Float64Array | null;
  time: Float64Array | null;
  /** Rows with fewer or more cells than the first. */
  oddRows: number;
  /** Mean of each column over the first thousand rows, NaN for text. */
  means: number[];
}

export async function scanTable(source: ByteSource, table: Table): Promise<Scan> {
  const offsets: number[] = [];
  const counter: number[] = [];
  const time: number[] = [];
  const sums = table.columns.map(() => 0);
  let rows = 0;
  let oddRows = 0;
  for await (const block of readLines(source, table.dataStart)) {
    for (const { line, at } of block) {
      if (rows % indexStep === 0) offsets.push(at);
      const cells = line.split(table.delimiter);
      if (cells.length !== table.columns.length) oddRows++;
      if (table.counter !== null) counter.push(cellNumber(cells[table.counter] ?? '', table.delimiter));
      if (table.time !== null) time.push(cellNumber(cells[table.time] ?? '', table.delimiter));
      if (rows < 1000) cells.forEach((cell, i) => (sums[i]! += cellNumber(cell, table.delimiter)));
      rows++;
    }
    await setImmediate();
  }
  return {
    rows,
    offsets,
    counter: table.counter === null ? null : Float64Array.from(counter),
    time: table.time === null ? null : Float64Array.from(time),
    oddRows,
    means: sums.map((sum) => sum / Math.min(rows, 1000)),
  };
}

/** Blocks of whole, non-empty, non-comment lines with their byte offsets, from a byte on. */
export async function* readLines(
  source: ByteSource,
  from: number,
  blockBytes = 1 << 20,
): AsyncGenerator<{ line: string; at: number }[]> {
  let at = from;
  while (at < source.size) {
    const bytes = await source.read(at, blockBytes);
    if (bytes.length === 0) return;
    const last = at + bytes.length >= source.size;
    const end = last ? bytes.length : bytes.lastIndexOf(10) + 1;
    // a line longer than a block is no row of numbers; it is taken whole as it stands
    const used = end > 0 ? end : bytes.length;
    yield splitLines(bytes.subarray(0, used), at);
    at += used;
  }
}

function splitLines(bytes: Uint8Array, base: number): { line: string; at: number }[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const lines: { line: string; at: number }[] = [];
  for (let at = 0; at < text.length;) {
    const next = text.indexOf('\n', at);
    const end = next < 0 ? text.length : next;
    const line = text.slice(at, end);
    if (line.trim() !== '' && line[0] !== '%' && line[0] !== '#') lines.push({ line, at: base + at });
    at = end + 1;
  }
  return lines;
}
