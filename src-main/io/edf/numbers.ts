/** Reads a number of an EDF header: points, commas, exponents, padding. */

export interface HeaderNumber {
  /** NaN when it is none. */
  value: number;
  /** 'clear': the comma can only part decimals; 'ambiguous': "1,024" may be a thousand. */
  comma: '' | 'clear' | 'ambiguous';
}

export function parseNumber(field: string): HeaderNumber {
  const text = field.replace(/\0/g, ' ').trim();
  const match = /^[+-]?(\d*)([.,]?)(\d*)([eE][+-]?\d+)?$/.exec(text);
  if (!match || (match[1] === '' && match[3] === '')) return { value: NaN, comma: '' };
  const value = Number(text.replace(',', '.'));
  if (match[2] !== ',') return { value, comma: '' };
  const thousands = /^[1-9]\d{0,2}$/.test(match[1]!) && match[3]!.length === 3 && !match[4];
  return { value, comma: thousands ? 'ambiguous' : 'clear' };
}
