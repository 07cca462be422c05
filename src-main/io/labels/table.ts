/** Reads the label table: `recording,start_s,end_s,label[,subject][,session][,trial]`. */
import type { LabelSpan } from '#shared/eeg/segment.ts';
import { AppError } from '#shared/errors.ts';
import { parseDelimited } from './delimited.ts';

export interface LabelRow extends LabelSpan {
  /** Line in the file, from 1. */
  line: number;
}

export interface LabelProblem {
  line: number;
  /** What is wrong and what to do. */
  message: string;
}

export interface LabelTable {
  rows: LabelRow[];
  /** Rows that could not be used; never dropped without a word. */
  problems: LabelProblem[];
}

const required = ['recording', 'start_s', 'end_s', 'label'];

/**
 * Commas, semicolons or tabs part the cells; columns may stand in any order. `recording` is still as written;
 * {@link matchLabels} finds the file it means.
 *
 * @throws AppError 'invalid-input' when the header lacks a required column
 */
export function parseLabelTable(text: string): LabelTable {
  const header = text.replace(/^\uFEFF/, '').split(/\r?\n/, 1)[0] ?? '';
  const delimiter = ['\t', ';', ','].find((one) => header.includes(one)) ?? ',';
  const [names, ...body] = parseDelimited(text, delimiter);
  const columns = names?.cells.map((name) => name.toLowerCase()) ?? [];
  const missing = required.filter((name) => !columns.includes(name));
  if (missing.length > 0)
    throw new AppError(
      'invalid-input',
      `The label table has no column ${missing.map((name) => `"${name}"`).join(', ')}; its first line must be recording,start_s,end_s,label[,subject][,session][,trial].`,
    );
  const table: LabelTable = { rows: [], problems: [] };
  for (const { line, cells } of body) {
    const cell = (name: string) => {
      const at = columns.indexOf(name);
      return at < 0 ? '' : (cells[at] ?? '');
    };
    const startS = cell('start_s') === '' ? NaN : number(cell('start_s'), delimiter);
    const endS = cell('end_s') === '' ? null : number(cell('end_s'), delimiter);
    const message =
      cells.length > columns.length
        ? `has ${cells.length} cells for ${columns.length} columns; put text with commas into quotes.`
        : cell('recording') === ''
          ? 'names no recording; write the name of the file.'
          : !(startS >= 0)
            ? `start_s is "${cell('start_s')}"; give seconds from the start of the recording, 0 or more.`
            : endS !== null && !(endS > startS)
              ? `end_s is "${cell('end_s')}"; give seconds after start_s, or leave it empty for the end.`
              : cell('label') === ''
                ? 'has no label; name what happened.'
                : null;
    if (message !== null) {
      table.problems.push({ line, message: `Line ${line} ${message}` });
      continue;
    }
    table.rows.push({
      line,
      recording: cell('recording'),
      startS,
      endS,
      label: cell('label'),
      ...optional('subject', cell('subject')),
      ...optional('session', cell('session')),
      ...optional('trial', cell('trial')),
    });
  }
  return table;
}

const optional = (name: 'subject' | 'session' | 'trial', value: string) =>
  value === '' ? {} : { [name]: value };

function number(text: string, delimiter: string): number {
  return Number(delimiter === ',' ? text : text.replace(',', '.'));
}
