import { readFileSync, appendFileSync, existsSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openEdf } from '#main/io/edf/edf.ts';
import { repairEdf } from '#main/io/edf/repair.ts';
import { fileHash } from '#main/io/file-hash.ts';
import { makeEdf, patch, signalField, temporaryFolder } from '../../../make/edf-files.ts';

describe('repairing a copy', () => {
  it('mends header and length, never touches the source, and keeps the samples bit-equal', async () => {
    using folder = temporaryFolder();
    const { path } = await makeEdf(join(folder.path, 'a.edf'));
    const healthy = readFileSync(path);
    const damages: [string, (copy: string) => void][] = [
      ['count', (copy) => patch(path, copy, 236, '-1      ')],
      ['many', (copy) => patch(path, copy, 236, '999     ')],
      ['few', (copy) => patch(path, copy, 236, '3       ')],
      ['size', (copy) => patch(path, copy, 184, '256     ')],
      ['version', (copy) => patch(path, copy, 0, '20200304')],
      ['comma', (copy) => patch(path, copy, signalField(3, 0, 4), '-3276,8 ')],
      ['trailing', (copy) => (patch(path, copy, 0, '0'), appendFileSync(copy, 'x'.repeat(100)))],
    ];
    for (const [name, damage] of damages) {
      const source = join(folder.path, `${name}.edf`);
      damage(source);
      const before = await fileHash(source);
      const repair = await repairEdf(source, join(folder.path, 'mended'));
      expect(await fileHash(source)).toBe(before);
      expect(repair.mended.length, name).toBe(1);
      expect(repair.remaining, name).toEqual([]);
      expect(readFileSync(repair.copy!).equals(healthy), name).toBe(true);
    }
  });

  it('ends a cut recording after its last whole record', async () => {
    using folder = temporaryFolder();
    const { path } = await makeEdf(join(folder.path, 'a.edf'));
    const { length } = readFileSync(path);
    truncateSync(path, length - 700);
    const repair = await repairEdf(path, join(folder.path, 'mended'));
    expect(repair.mended.map(({ code }) => code)).toEqual(['record-count-wrong', 'bytes-after-last-record']);
    await using recording = await openEdf(repair.copy!);
    expect(recording.header.durationS).toBe(9);
    expect(recording.findings).toEqual([]);
  });

  it('writes nothing for a healthy file or one beyond help, and never over a file', async () => {
    using folder = temporaryFolder();
    const { path } = await makeEdf(join(folder.path, 'a.edf'));
    const out = join(folder.path, 'mended');
    expect(await repairEdf(path, out)).toEqual({ path, copy: null, mended: [], remaining: [] });
    const broken = patch(path, join(folder.path, 'b.edf'), 236, '-1      ');
    await repairEdf(broken, out);
    await expect(repairEdf(broken, out)).rejects.toMatchObject({ code: 'conflict' });
    truncateSync(path, 300);
    const hopeless = await repairEdf(path, out);
    expect(hopeless.copy).toBeNull();
    expect(hopeless.remaining[0]).toMatchObject({ code: 'damaged-file', severity: 'error' });
    expect(existsSync(join(out, 'a.edf'))).toBe(false);
  });
});
