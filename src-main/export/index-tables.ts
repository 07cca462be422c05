/** The index of a subset: order, difference and reason of every segment, as CSV and Parquet, and what was rejected. */
import { AppError } from '#shared/errors.ts';
import { csvLine, parseCsv, type Cell } from './csv.ts';
import { decodeParquet, encodeParquet, type Column } from './parquet.ts';
import type { SegmentRow } from './segment-row.ts';

/** A row under its new names, with its place among the signals. */
export interface IndexRow extends SegmentRow {
  /** New name of the group. */
  groupName: string;
  subjectName: string;
  recordingName: string;
  /** File and position within it; null when not handed over or not written as NumPy. */
  file: string | null;
  row: number | null;
}

const columns = [
  ['index', 'INT32', (r) => r.index],
  ['group', 'STRING', (r) => r.groupName],
  ['subject', 'STRING', (r) => r.subjectName],
  ['recording', 'STRING', (r) => r.recordingName],
  ['start_s', 'DOUBLE', (r) => r.startS],
  ['duration_s', 'DOUBLE', (r) => r.durationS],
  ['fate', 'STRING', (r) => r.fate],
  ['order', 'INT32', (r) => r.order],
  ['distance', 'DOUBLE', (r) => r.distance],
  ['reason', 'STRING', (r) => r.reason],
  ['label', 'STRING', (r) => r.label],
  ['file', 'STRING', (r) => r.file],
  ['row', 'INT32', (r) => r.row],
] as const satisfies readonly (readonly [string, Column['type'], (row: IndexRow) => Cell])[];

export function indexCsv(rows: readonly IndexRow[]): string {
  const lines = rows.map((row) => csvLine(columns.map(([, , cell]) => cell(row))));
  return csvLine(columns.map(([name]) => name)) + lines.join('');
}

export function indexParquet(rows: readonly IndexRow[]): Uint8Array {
  return encodeParquet(
    columns.map(([name, type, cell]) => ({ name, type, data: rows.map((row) => cell(row)) })),
  );
}

/** @throws AppError 'not-verified' unless text parses back to the very rows */
export function verifyIndexCsv(path: string, text: string, rows: readonly IndexRow[]): void {
  const [header, ...lines] = parseCsv(text);
  const equal =
    header?.join() === columns.map(([name]) => name).join() &&
    lines.length === rows.length &&
    lines.every((line, i) =>
      columns.every(([, type, cell], c) => {
        const meant = cell(rows[i]!);
        const there = line[c]!;
        if (meant === null) return there === '';
        return type === 'STRING' ? there === meant : Object.is(Number(there), meant);
      }),
    );
  if (!equal) throw differs(path);
}

/** @throws AppError 'not-verified' unless it reads back to the very rows */
export async function verifyIndexParquet(
  path: string,
  bytes: Uint8Array,
  rows: readonly IndexRow[],
): Promise<void> {
  const there = await decodeParquet(bytes);
  const equal =
    there.rows === rows.length &&
    columns.every(([name, , cell]) =>
      rows.every((row, i) => Object.is(there.columns[name]?.[i] ?? null, cell(row))),
    );
  if (!equal) throw differs(path);
}

function differs(path: string): AppError {
  return new AppError(
    'not-verified',
    `Read back differs in ${path}. The export was removed again; check the drive and write it once more.`,
  );
}
