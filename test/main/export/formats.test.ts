import { describe, expect, it } from 'vitest';
import { csvLine, parseCsv } from '#main/export/csv.ts';
import { decodeNpy, encodeNpy, parseNpyHeader } from '#main/export/npy.ts';
import { decodeNpz, encodeNpz } from '#main/export/npz.ts';
import { decodeParquet, encodeParquet } from '#main/export/parquet.ts';

describe('NumPy files', () => {
  it.each([
    ['float32', [2, 3], Float32Array.of(1, -0, NaN, Infinity, 1e-42, 3)],
    ['float64', [2], Float64Array.of(Math.PI, -1)],
    ['int32', [1, 3], Int32Array.of(-1, 2, 2147483647)],
    ['uint8', [4], Uint8Array.of(0, 1, 2, 255)],
    ['int64', [1], BigInt64Array.of(-9007199254740993n)],
    ['an empty array', [0, 5], new Float32Array(0)],
    ['text', [3], ['Fp1', '', 'Žofie 🧠']],
  ])('give back %s as it was', (_, shape, data) => {
    const bytes = encodeNpy({ shape, data });
    expect(parseNpyHeader(bytes).offset % 64).toBe(0);
    expect(decodeNpy(bytes)).toEqual({ shape, data });
  });

  it('hold several arrays in one file, the same bytes each time', () => {
    const arrays = { a: { shape: [2], data: Float32Array.of(1, 2) }, names: { shape: [1], data: ['Cz'] } };
    const bytes = encodeNpz(arrays);
    expect(decodeNpz(bytes)).toEqual(arrays);
    expect(encodeNpz(arrays)).toEqual(bytes);
  });

  it('are refused with the remedy when cut short or of a wrong size', () => {
    const bytes = encodeNpy({ shape: [3], data: Float32Array.of(1, 2, 3) });
    expect(() => decodeNpy(bytes.subarray(0, bytes.length - 2))).toThrow(/should hold 3 values/);
    expect(() => decodeNpy(bytes.subarray(0, 8))).toThrow(/not a whole NumPy/);
    expect(() => decodeNpz(bytes)).toThrow(/damaged/);
    expect(() => encodeNpy({ shape: [2], data: Float32Array.of(1) })).toThrow(/holds 2 values/);
  });
});

describe('tables', () => {
  it('give back quotes, commas, line ends and nothing', () => {
    const cells = ['plain', 'a "b", c', 'two\r\nlines', null, -0.125, 1e-7];
    expect(parseCsv(csvLine(cells))).toEqual([['plain', 'a "b", c', 'two\r\nlines', '', '-0.125', '1e-7']]);
  });

  it('give back parquet columns with missing values', async () => {
    const { rows, columns } = await decodeParquet(
      encodeParquet([
        { name: 'n', type: 'INT32', data: [1, null, -3] },
        { name: 'x', type: 'DOUBLE', data: [0.1, null, Infinity] },
        { name: 's', type: 'STRING', data: ['Žofie', null, ''] },
        { name: 'empty', type: 'STRING', data: [null, null, null] },
      ]),
    );
    expect(rows).toBe(3);
    expect(columns).toEqual({
      n: [1, null, -3],
      x: [0.1, null, Infinity],
      s: ['Žofie', null, ''],
      empty: [null, null, null],
    });
  });
});
