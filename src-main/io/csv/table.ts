/** What the top of a text table says: delimiter, column names, where the rows begin, which recorder wrote it. */
import type { ChannelKind } from '#shared/eeg/recording.ts';
import { channelKind, isScalpName } from '../channel-kind.ts';

export type Recorder = 'Emotiv' | 'Muse' | 'OpenBCI' | '';

export interface Column {
  label: string;
  kind: ChannelKind;
}

export interface Table {
  recorder: Recorder;
  delimiter: string;
  columns: Column[];
  /** Header cells that have no column under them, e.g. from a comma inside a name. */
  surplusHeaderCells: number;
  /** Byte of the first row. */
  dataStart: number;
  /** From a comment or preamble; null when the file does not say. */
  sfreqHz: number | null;
  /** Column with a running packet number; null without. */
  counter: number | null;
  /** Column with time in seconds or milliseconds; null without. */
  time: number | null;
}

const emotivNames = new Set([
  ...['AF3', 'F7', 'F3', 'FC5', 'T7', 'P7', 'O1', 'O2', 'P8', 'T8', 'FC6', 'F4', 'F8', 'AF4'],
  'PZ',
]);

/**
 * Reads the top of a table.
 *
 * @param head the first bytes, enough for the header and a row
 * @returns null when this is no table of EEG
 */
export function readTable(head: Uint8Array): Table | null {
  const text = new TextDecoder('latin1').decode(head);
  const start = text.startsWith('\xef\xbb\xbf') ? 3 : 0;
  const lines = linesOf(text, start);
  const comments = lines.filter(({ text }) => /^[%#]/.test(text)).map(({ text }) => text);
  const body = lines.filter(({ text }) => text.trim() !== '' && !/^[%#]/.test(text));
  const preamble = body[0] && /sampling rate\s*:/i.test(body[0].text) ? [body.shift()!.text] : [];
  const first = body[0];
  if (!first) return null;
  const delimiter = sniffDelimiter(first.text, (body[1] ?? first).text);
  const headed = splitHeader(first.text, delimiter).some(
    (cell) => cell !== '' && Number.isNaN(cellNumber(cell, delimiter)),
  );
  const firstRow = headed ? body[1] : first;
  if (!firstRow) return null;
  const cells = firstRow.text.split(delimiter);
  if (
    cells.length < 2 ||
    cells.filter((cell) => !Number.isNaN(cellNumber(cell, delimiter))).length < cells.length / 2
  )
    return null;
  const openBci = comments.some((line) => /openbci|obci/i.test(line));
  const given = headed
    ? splitHeader(first.text, delimiter)
    : openBci
      ? openBciNames(comments, cells.length)
      : [];
  const columns = cells.map((_, i) => toColumn(given[i] ?? '', i));
  if (!columns.some(({ kind }) => kind === 'eeg')) return null;
  const find = (pattern: RegExp) => {
    const at = columns.findIndex(({ label }) => pattern.test(label));
    return at < 0 ? null : at;
  };
  return {
    recorder: openBci ? 'OpenBCI' : recorderOf(columns),
    delimiter,
    columns,
    surplusHeaderCells: Math.max(0, (headed ? first.text.split(delimiter).length : 0) - cells.length),
    dataStart: firstRow.at,
    sfreqHz: statedRate([...comments, ...preamble]),
    counter: find(/^(EEG\.)?COUNTER$|^sample index$/i),
    time: find(/^time ?stamps?$/i),
  };
}

/** One cell as a number, NaN when it is none; a decimal comma counts unless commas part the cells. */
export function cellNumber(cell: string, delimiter: string): number {
  const text = cell.trim().replace(/^"(.*)"$/, '$1');
  if (text === '') return NaN;
  return Number(delimiter === ',' ? text : text.replace(',', '.'));
}

function linesOf(text: string, start: number): { text: string; at: number }[] {
  const lines: { text: string; at: number }[] = [];
  for (let at = start; at < text.length;) {
    const end = text.indexOf('\n', at);
    // a line without its end may be cut
    if (end < 0) break;
    lines.push({ text: text.slice(at, end).replace(/\r$/, ''), at });
    at = end + 1;
  }
  return lines;
}

function sniffDelimiter(header: string, row: string): string {
  const count = (text: string, delimiter: string) => text.split(delimiter).length;
  const candidates = ['\t', ';', ','].filter((one) => count(row, one) > 1 && count(header, one) > 1);
  return candidates[0] ?? ',';
}

/** Quotes and brackets hold together what a delimiter inside them would part. */
function splitHeader(line: string, delimiter: string): string[] {
  const cells = [''];
  let depth = 0;
  let quoted = false;
  for (const char of line) {
    if (char === '"') quoted = !quoted;
    else if (char === '[') depth++;
    else if (char === ']') depth--;
    if (char === delimiter && !quoted && depth <= 0) cells.push('');
    else if (char !== '"') cells[cells.length - 1] += char;
  }
  return cells.map((cell) => cell.trim());
}

function openBciNames(comments: readonly string[], count: number): string[] {
  const stated = /number of channels\s*=\s*(\d+)/i.exec(comments.join('\n'))?.[1];
  const channels = Math.min(Number(stated ?? 8), count - 1);
  return ['Sample Index', ...Array.from({ length: channels }, (_, i) => `EXG Channel ${i}`)];
}

function toColumn(name: string, position: number): Column {
  if (name === '') return { label: position === 0 ? 'row' : `column ${position + 1}`, kind: 'aux' };
  if (/^marker/i.test(name)) return { label: name, kind: 'trigger' };
  if (/^exg channel/i.test(name)) return { label: name, kind: 'eeg' };
  if (/^accel/i.test(name)) return { label: name, kind: 'acc' };
  if (/^(gyro|mot\.|cq[._ ]|pm\.)/i.test(name)) return { label: name, kind: 'aux' };
  const kind = channelKind(name, '');
  return { label: name, kind: kind === 'unknown' ? 'aux' : kind };
}

function recorderOf(columns: readonly Column[]): Recorder {
  const names = columns
    .filter(({ kind }) => kind === 'eeg')
    .map(({ label }) => label.replace(/^EEG\./i, ''))
    .filter(isScalpName)
    .map((name) => name.toUpperCase());
  if (names.length >= 4 && names.every((name) => emotivNames.has(name)) && names.includes('AF3'))
    return 'Emotiv';
  return names.includes('TP9') && names.includes('TP10') && names.length <= 5 ? 'Muse' : '';
}

function statedRate(lines: readonly string[]): number | null {
  for (const line of lines) {
    const match = /(?:sample|sampling) rate\s*[=:]\s*(?:eeg_)?(\d+(?:\.\d+)?)/i.exec(line);
    if (match) return Number(match[1]);
  }
  return null;
}
