/** Comma-separated tables as RFC 4180 has them: a point in numbers, quotes where needed, nothing for null. */

export type Cell = string | number | null;

/** One line with its line end. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(cellText).join(',')}\r\n`;
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Reads a whole table back. @returns lines of cells, the header first */
export function parseCsv(text: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[i + 1] === '"') {
        cell += '"';
        i++;
      } else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ',') {
      line.push(cell);
      cell = '';
    } else if (char === '\n') {
      lines.push([...line, cell]);
      line = [];
      cell = '';
    } else if (char !== '\r') cell += char;
  }
  return lines;
}
