import { appendFileSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isMendable, mendsOf } from '#shared/eeg/repair.ts';
import { openEdf } from '#main/io/edf/edf.ts';
import { planRepair, repairEdf } from '#main/io/edf/repair.ts';
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

describe('what a repair can put right', () => {
  it('is what the table says: every finding of it is gone from the copy', async () => {
    using folder = temporaryFolder();
    const source = (name: string) => join(folder.path, `${name}.edf`);
    const { path } = await makeEdf(source('healthy'));
    const { path: gaps } = await makeEdf(source('gaps'), { format: 'EDF+D', onsets: [0, 1, 2, 9, 10] });
    const { path: back } = await makeEdf(source('back'), { format: 'EDF+D', onsets: [0, 1, 2, 3, 4] });
    const { path: plain } = await makeEdf(source('plain'), { format: 'EDF' });
    const bytes = readFileSync(back);
    // the last record says it starts before the one ahead of it ends
    bytes.write('+1\x14', bytes.lastIndexOf('+4\x14'), 'latin1');
    writeFileSync(source('time-runs-backwards'), bytes);
    patch(path, source('version-odd'), 0, '20200304');
    patch(path, source('header-size-wrong'), 184, '256     ');
    patch(path, source('record-count-missing'), 236, '-1      ');
    patch(path, source('record-count-too-large'), 236, '999     ');
    patch(path, source('record-count-too-small'), 236, '3       ');
    patch(path, source('decimal-comma'), signalField(3, 0, 4), '-3276,8 ');
    patch(path, source('trailing-bytes'), 0, '0');
    appendFileSync(source('trailing-bytes'), 'x'.repeat(100));
    patch(path, source('truncated-record'), 0, '0');
    truncateSync(source('truncated-record'), readFileSync(path).length - 700);
    patch(gaps, source('gaps-in-continuous-file'), 192, 'EDF+C');
    patch(plain, source('annotation-signal-missing'), 192, 'EDF+C');
    for (const [code, changes] of Object.entries(mendsOf)) {
      await using damaged = await openEdf(source(code));
      await damaged.annotations();
      expect(damaged.findings.map((each) => each.code)).toContain(code);
      expect(isMendable(code, damaged.header.format)).toBe(true);
      const plan = await planRepair(source(code));
      const repair = await repairEdf(source(code), join(folder.path, 'mended'));
      expect(repair.mended).toEqual(plan.mended);
      expect(readFileSync(repair.copy!).length).toBe(plan.bytes);
      expect(
        repair.mended.some((mend) => changes.includes(mend.code)),
        code,
      ).toBe(true);
      expect(repair.remaining.map((each) => each.code)).not.toContain(code);
    }
  });

  it('can be stopped, and then nothing is left of the copy', async () => {
    using folder = temporaryFolder();
    const { path } = await makeEdf(join(folder.path, 'a.edf'));
    const damaged = patch(path, join(folder.path, 'b.edf'), 236, '-1      ');
    const size = readFileSync(damaged).length;
    for (const share of [0.2, 0.5, 0.9]) {
      const stop = new AbortController();
      const progress = (done: number, total: number) => {
        if (done >= share * total) stop.abort();
      };
      const to = join(folder.path, `mended ${share}`);
      await expect(repairEdf(damaged, to, { signal: stop.signal, progress })).rejects.toMatchObject({
        code: 'cancelled',
      });
      expect(readdirSync(to)).toEqual([]);
    }
    expect(readFileSync(damaged).length).toBe(size);
  });
});
