import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lastWordsRefusal, memoryRefusal } from '#main/jobs/memory-refusal.ts';
import { writeOrder } from '#main/jobs/runner.ts';
import { temporaryFolder } from '../../make/edf-files.ts';
import { makeStudy, orderOf, smallPretrain } from './small-study.ts';

let folder: ReturnType<typeof temporaryFolder>;
let study: string;
beforeAll(async () => {
  folder = temporaryFolder();
  study = join(folder.path, 'study');
  await makeStudy(study);
});
afterAll(() => folder[Symbol.dispose]());

const remedy = {
  code: 'engine-failed',
  message: expect.stringMatching(/needs more memory .* at most 4 GB\. .*--batch and start it again/),
};

describe('a job whose memory is used up', () => {
  const worker = fileURLToPath(new URL('starved-worker.ts', import.meta.url));
  const starved = (freeMb: number): unknown => {
    const order = writeOrder(orderOf(study, smallPretrain(2)));
    const printed = execFileSync(process.execPath, [worker, order, String(freeMb)], { encoding: 'utf8' });
    return JSON.parse(printed.trim().split('\n').at(-1)!);
  };

  // As much is left as one tensor of it needs, or a little more: another place fails each time.
  it.each([0.01, 0.3, 3])('is refused with a remedy where only %d MB are left', (freeMb) => {
    expect(starved(freeMb)).toMatchObject(remedy);
  });

  it('is recognised by the last words of a process that V8 ended', () => {
    const { stderr, status, signal } = spawnSync(
      process.execPath,
      ['--max-old-space-size=16', '-e', 'const a = []; for (;;) a.push(new Array(1e4).fill(0.5))'],
      { encoding: 'utf8' },
    );
    expect(status === 0 && signal === null).toBe(false);
    expect(lastWordsRefusal(stderr, 'pretrain')).toMatchObject(remedy);
    expect(lastWordsRefusal('Segmentation fault', 'pretrain')).toBeNull();
  });

  it('is not seen in other faults', () => {
    const faults = [
      new Error('boom'),
      new RangeError('Maximum call stack size exceeded'),
      new TypeError('x'),
      'y',
    ];
    for (const fault of faults) expect(memoryRefusal(fault, 'pretrain')).toBeNull();
    const full = new RangeError('Array buffer allocation failed');
    expect(memoryRefusal(full, 'pretrain')).toMatchObject({ ...remedy, cause: full });
  });
});
