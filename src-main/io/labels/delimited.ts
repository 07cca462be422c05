/** Splits CSV and TSV text into rows of cells, quotes included (RFC 4180). */

export interface DelimitedRow {
  /** Line of the file on which the row starts, from 1. */
  line: number;
  cells: string[];
}

/** Empty lines are left out; cells are trimmed; a byte order mark is ignored. */
export function parseDelimited(text: string, delimiter: string): DelimitedRow[] {
  const rows: DelimitedRow[] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  let line = 1;
  let startLine = 1;
  const endCell = () => {
    cells.push(cell.trim());
    cell = '';
  };
  const endRow = () => {
    endCell();
    if (cells.some((one) => one !== '')) rows.push({ line: startLine, cells });
    cells = [];
  };
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  for (let at = 0; at < source.length; at++) {
    const char = source[at]!;
    if (quoted) {
      if (char === '"' && source[at + 1] === '"') {
        cell += '"';
        at++;
      } else if (char === '"') quoted = false;
      else cell += char;
    } else if (char === '"' && cell.trim() === '') quoted = true;
    else if (char === delimiter) endCell();
    else if (char === '\n') {
      endRow();
      startLine = line + 1;
    } else cell += char;
    if (char === '\n') line++;
  }
  endRow();
  return rows;
}
