import { describe, expect, it } from 'vitest';
import { jobNews } from '#renderer/ui/job-news.ts';

describe('news of a job', () => {
  const job = {
    title: 'Distil S-1',
    status: 'running' as const,
    phase: 0,
    phases: ['Learn to describe', 'Choose in order'],
    error: null,
  };

  it('comes with each phase and at the end, not with each step', () => {
    expect(jobNews(null, { ...job, status: 'queued' })).toBe('Distil S-1: waiting its turn.');
    expect(jobNews({ ...job, status: 'queued' }, job)).toBe('Distil S-1: Learn to describe, phase 1 of 2.');
    expect(jobNews(job, { ...job })).toBeNull();
    expect(jobNews(job, { ...job, phase: 1 })).toBe('Distil S-1: Choose in order, phase 2 of 2.');
    expect(jobNews(job, { ...job, status: 'done' })).toBe('Distil S-1: done.');
  });

  it('says why when it ended early, and nothing before the phases are known', () => {
    expect(
      jobNews(job, { ...job, status: 'failed', error: { code: 'no-space', message: 'The disk is full.' } }),
    ).toBe('Distil S-1: ended early. The disk is full.');
    expect(jobNews({ ...job, status: 'queued' }, { ...job, phases: [] })).toBeNull();
    expect(jobNews({ ...job, phases: [] }, job)).toBe('Distil S-1: Learn to describe, phase 1 of 2.');
  });
});
