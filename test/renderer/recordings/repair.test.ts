import { describe, expect, it } from 'vitest';
import type { RecordingRow, RepairMessage } from '#shared/views.ts';
import type { Api } from '#renderer/client.ts';
import { Mending } from '#renderer/recordings/mending.svelte.ts';
import { mendableFindings, mendWords } from '#renderer/recordings/repair-words.ts';

const finding = (code: string): RecordingRow['findings'][number] => ({
  code,
  severity: 'warning',
  where: '',
  effect: '',
  remedy: '',
});
const written = (recording: string): RepairMessage => ({
  type: 'written',
  recording,
  copy: `/copies/${recording}.edf`,
  bytes: 1,
  mended: [],
  remaining: [],
});
const refused = (recording: string): RepairMessage => ({
  type: 'refused',
  recording,
  code: 'conflict',
  message: 'There already.',
});

/** A back end that tells what it is given. */
function backEnd(messages: readonly RepairMessage[], fail?: Error) {
  const started: unknown[] = [];
  const api = {
    repairs: {
      write: (_: unknown, { signal }: { signal: AbortSignal }) =>
        Promise.resolve(
          (async function* () {
            for (const message of messages) {
              await Promise.resolve();
              signal.throwIfAborted();
              yield message;
            }
            if (fail) throw fail;
          })(),
        ),
    },
    jobs: {
      start: (input: unknown) => {
        started.push(input);
        return Promise.resolve({});
      },
    },
  } as unknown as Pick<Api, 'repairs' | 'jobs'>;
  return { mending: new Mending(api), started };
}

describe('repaired copies', () => {
  it('end one by one, each with its own outcome, and are added to the study by group', async () => {
    const { mending, started } = backEnd([
      { type: 'progress', recording: 'a', done: 1, total: 3 },
      written('a'),
      refused('b'),
      written('c'),
      written('d'),
    ]);
    const orders = ['a', 'b', 'c', 'd'].map((recording) => ({
      recording,
      group: recording === 'd' ? 'Night' : 'Ward',
    }));
    const all = mending.start(orders, '', true);
    expect(mending.busy).toBe(true);
    expect(mending.isWaiting('b')).toBe(true);
    await all;
    expect(mending.busy).toBe(false);
    expect([...mending.outcomes].map(([id, { type }]) => `${id} ${type}`)).toEqual([
      'a written',
      'b refused',
      'c written',
      'd written',
    ]);
    expect(started).toEqual([
      { kind: 'import', dataset: 'Ward', paths: ['/copies/a.edf', '/copies/c.edf'] },
      { kind: 'import', dataset: 'Night', paths: ['/copies/d.edf'] },
    ]);
  });

  it('stopped, keep what is whole and say nothing of the rest', async () => {
    const { mending, started } = backEnd([
      written('a'),
      { type: 'progress', recording: 'b', done: 1, total: 3 },
      written('b'),
    ]);
    const all = mending.start(
      ['a', 'b'].map((recording) => ({ recording, group: 'Ward' })),
      '',
      false,
    );
    while (mending.now === null) await Promise.resolve();
    mending.stop();
    await all;
    expect([...mending.outcomes.keys()]).toEqual(['a']);
    expect(mending).toMatchObject({ now: null, busy: false, refusal: null, stopped: ['b'] });
    expect(started).toEqual([]);
  });

  it('say in words why the writing broke off', async () => {
    const { mending } = backEnd([written('a')], new TypeError('network error'));
    await mending.start([{ recording: 'a', group: 'Ward' }], '', false);
    expect(mending.refusal?.message).toContain('does not answer');
    expect(mending.outcomes.get('a')?.type).toBe('written');
  });
});

describe('a repair in words', () => {
  it('is offered for what a copy can put right, in files that can be read', () => {
    const row = {
      format: 'EDF+C',
      status: 'findings' as const,
      findings: [finding('gaps'), finding('trailing-bytes'), finding('decimal-comma')],
    };
    expect(mendableFindings(row).map(({ code }) => code)).toEqual(['trailing-bytes', 'decimal-comma']);
    expect(mendableFindings({ ...row, status: 'missing' })).toEqual([]);
    expect(mendableFindings({ ...row, format: 'CSV (Emotiv)' })).toEqual([]);
  });

  it('says where, what it was and what it becomes', () => {
    expect(mendWords({ code: 'record-count-wrong', bytes: [236, 243], before: '-1', after: '20' })).toEqual({
      name: 'Number of records',
      where: 'Bytes 236 to 243',
      change: { before: '-1', after: '20' },
      omitted: '',
    });
    expect(
      mendWords({
        code: 'bytes-after-last-record',
        bytes: [164_840, 167_543],
        before: '2704 bytes',
        after: '',
      }),
    ).toMatchObject({ change: null, omitted: '2,704 bytes left out' });
    expect(
      mendWords({ code: 'annotation-signal-missing', bytes: [192, 235], before: 'EDF+C', after: '' }).change,
    ).toEqual({ before: 'EDF+C', after: '' });
  });
});
