import { describe, expect, it } from 'vitest';
import { wentOnAs } from '#renderer/job-words.ts';

const run = (
  id: string,
  status: 'interrupted' | 'failed' | 'done' | 'running',
  hour: number,
  change: { command?: string; supersededBy?: string } = {},
) => ({
  id,
  kind: 'distill' as const,
  status,
  command: 'limbeck distill --study /s',
  createdAt: `2026-11-20T${hour}:00:00Z`,
  supersededBy: null,
  ...change,
});

describe('a run that ended early', () => {
  it('went on as the newest run of the same command line', () => {
    const early = run('R-1', 'interrupted', 10);
    const all = [
      run('R-4', 'running', 14),
      run('R-3', 'failed', 13),
      run('R-2', 'done', 12, { command: 'limbeck distill --study /s --keep 0.1' }),
      early,
    ];
    expect(wentOnAs(early, all)).toBe('R-4');
    expect(wentOnAs(all[1]!, all)).toBe('R-4');
    expect(wentOnAs(all[0]!, all)).toBeNull();
  });

  it('waits to go on when nothing came after it, and a run that was done went on as nothing', () => {
    const early = run('R-2', 'interrupted', 12);
    const done = run('R-1', 'done', 10);
    expect(wentOnAs(early, [early, done])).toBeNull();
    expect(wentOnAs(done, [early, done])).toBeNull();
  });

  it('is believed when it was recorded what it went on as', () => {
    expect(wentOnAs(run('R-1', 'failed', 10, { supersededBy: 'R-9' }), [])).toBe('R-9');
  });
});
