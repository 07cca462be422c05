import { afterEach, describe, expect, it, vi } from 'vitest';
import type { JobMessage } from '#shared/job-input.ts';
import type { JobEvent, JobRecord } from '#shared/jobs.ts';
import type { Curve, JobView } from '#shared/views.ts';
import { differences, settingName } from '#renderer/jobs/compare.ts';
import {
  bestPoint,
  healthOf,
  ifStoppedNow,
  mainCurve,
  phaseStrip,
  plannedEnd,
  sideCurves,
} from '#renderer/jobs/job-story.ts';
import { isLearning, JobWatch, roundsOf, updateMs } from '#renderer/jobs/job-watch.svelte.ts';

const job: JobRecord = {
  id: 'R-1',
  kind: 'pretrain',
  title: 'Pre-train',
  status: 'running',
  createdAt: '2026-11-20T13:00:00Z',
  startedAt: '2026-11-20T13:00:00Z',
  endedAt: null,
  input: { params: { passes: 50, seed: 19 } },
  command: '',
  phases: ['Read segments', 'Learn', 'Test'],
  phase: 1,
  progress: { done: 27, total: 41, unit: 'steps' },
  etaS: 3000,
  artifact: null,
  engine: 'wasm',
  error: null,
  supersededBy: null,
};
const curve = (split: Curve['split'], y: number[], series = 'Loss'): Curve => ({
  series,
  split,
  x: y.map((_, i) => i + 1),
  y,
});
const metric = (x: number, value: number, split: Curve['split'] = 'training'): JobEvent => ({
  type: 'metric',
  series: 'Loss',
  split,
  x,
  value,
});
const at = (event: JobEvent, s = 0) => ({
  at: new Date(Date.UTC(2026, 10, 20, 13, 0, s)).toISOString(),
  event,
});

describe('the curve a run is about', () => {
  it('is the one it learns by, also when it was taken up again and tested first', () => {
    const curves = [curve('held-out', [0.1], 'Matching'), curve('training', [3, 2]), curve('held-out', [3])];
    expect(mainCurve(curves)).toMatchObject({ series: 'Loss', training: { y: [3, 2] }, heldOut: { y: [3] } });
    expect(mainCurve(curves.slice(0, 1))).toMatchObject({ series: 'Matching', training: null });
    expect(sideCurves(curves).map(({ series }) => series)).toEqual(['Matching']);
  });
});

describe('is it learning', () => {
  it('says nothing before there is something to see', () => {
    expect(healthOf([])).toEqual([]);
    expect(healthOf([curve('training', [3])])[0]?.level).toBe('info');
  });

  it('falls', () => {
    const [line] = healthOf([curve('training', [3, 2]), curve('held-out', [3, 2.5, 2])]);
    expect(line?.level).toBe('ok');
    expect(line?.text).toContain('still falls');
  });

  it('is flat after eight checks without gain', () => {
    const lines = healthOf([curve('held-out', [3, 1, ...Array<number>(9).fill(1.2)])]);
    expect(lines[0]?.level).toBe('warning');
    expect(lines[0]?.text).toContain('No gain for 9 checks');
  });

  it('drifts apart when training falls and held-out rises', () => {
    const training = curve('training', [3, 2, 1.5, 1, 0.7, 0.5, 0.3, 0.2]);
    const held = curve('held-out', [3, 2.2, 1.8, 1.7, 1.8, 1.9, 2.1, 2.3]);
    expect(
      healthOf([training, held]).some(({ text }) => text.includes('by heart') && text.includes('drift')),
    ).toBe(true);
  });

  it('is lost once it is no longer a number', () => {
    expect(healthOf([curve('training', [3, NaN, 2])])[0]?.level).toBe('error');
  });
});

describe('a run', () => {
  it('is about its first curve; the others stand beside it', () => {
    const curves = [curve('training', [1]), curve('held-out', [2]), curve('held-out', [0.1], 'Matching')];
    expect(mainCurve(curves)?.heldOut?.y).toEqual([2]);
    expect(sideCurves(curves).map(({ series }) => series)).toEqual(['Matching']);
    expect(bestPoint(curve('held-out', [3, 1, 2]))).toEqual({ x: 2, y: 1 });
    expect(plannedEnd(job, curves)).toBe(50);
  });

  it('shows each phase with what it took or what is left', () => {
    const events = [at({ type: 'phase', index: 0 }), at({ type: 'phase', index: 1 }, 112)];
    const strip = phaseStrip(job, events, null, Date.UTC(2026, 10, 20, 13, 3));
    expect(strip.map(({ state }) => state)).toEqual(['done', 'now', 'todo']);
    expect(strip[0]?.time).toBe('1 min 52 s');
    expect(strip[1]?.aside).toBe('27 of 41 steps');
    expect(strip[1]?.share).toBeCloseTo(27 / 41);
    expect(
      phaseStrip({ ...job, status: 'failed', endedAt: '2026-11-20T13:02:00Z' }, events, null, 0)[1]?.state,
    ).toBe('lost');
    expect(
      phaseStrip(
        { ...job, status: 'done', phase: 2, endedAt: '2026-11-20T13:04:00Z' },
        events,
        null,
        0,
      ).every(({ state }) => state === 'done'),
    ).toBe(true);
  });

  it('promises a model only where one is kept', () => {
    const curves = [curve('held-out', [3, 1.571, 2])];
    expect(ifStoppedNow(job, curves)).toContain('pass 2');
    expect(ifStoppedNow({ ...job, kind: 'distill' }, curves)).toContain('nothing complete');
  });

  it('begins a new round of curves when a phase comes again', () => {
    const rounds = roundsOf([
      at({ type: 'phase', index: 0 }),
      at(metric(1, 3)),
      at(metric(1, 2, 'held-out')),
      at({ type: 'phase', index: 1 }),
      at({ type: 'phase', index: 0 }),
      at(metric(1, 9)),
    ]);
    expect(rounds.map((curves) => curves.map(({ split, y }) => [split, y]))).toEqual([
      [
        ['training', [3]],
        ['held-out', [2]],
      ],
      [['training', [9]]],
    ]);
  });

  it('replaces points that come again after a resume', () => {
    const [curves] = roundsOf([
      at(metric(1, 3)),
      at(metric(2, 2)),
      at(metric(1, 3)),
      at(metric(2, 2)),
      at(metric(3, 1)),
    ]);
    expect(curves?.[0]).toMatchObject({ x: [1, 2, 3], y: [3, 2, 1] });
  });

  it('is learning only while points come after the phase began', () => {
    expect(isLearning([at({ type: 'phase', index: 0 }), at(metric(1, 3))])).toBe(true);
    expect(isLearning([at(metric(1, 3)), at({ type: 'phase', index: 1 })])).toBe(false);
  });
});

describe('watching a job', () => {
  afterEach(() => void vi.useRealTimers());

  it('lets the stream in four times a second and misses nothing that came while it read', async () => {
    vi.useFakeTimers();
    const answer = Promise.withResolvers<JobView>();
    let tell: (message: JobMessage) => void = () => undefined;
    const watch = new JobWatch('R-1', {
      get: () => answer.promise,
      listen: (listener) => {
        tell = listener;
        return () => undefined;
      },
    });
    const close = watch.open();
    tell({ job, event: metric(2, 2) });
    tell({ job: { ...job, id: 'R-2' }, event: metric(9, 9) });
    await vi.advanceTimersByTimeAsync(updateMs);
    expect(watch.rounds).toEqual([]);
    answer.resolve({
      ...job,
      events: [at({ type: 'phase', index: 1 }), at(metric(1, 3)), at(metric(2, 2))],
      curves: [],
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(watch.rounds[0]?.[0]?.y).toEqual([3, 2]);
    tell({ job, event: metric(3, 1) });
    expect(watch.rounds[0]?.[0]?.y).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(updateMs);
    expect(watch.rounds[0]?.[0]?.y).toEqual([3, 2, 1]);
    close();
  });

  it('keeps the words of a refusal', async () => {
    const watch = new JobWatch('R-1', {
      get: () => Promise.reject(new Error('There is no run R-1.')),
      listen: () => () => undefined,
    });
    watch.open();
    await vi.waitFor(() => expect(watch.refusal?.message).toContain('no run R-1'));
  });
});

describe('comparing settings', () => {
  it('shows only what differs, with names a person can read', () => {
    const { differing, equal } = differences([
      { params: { passes: 5, seed: 1 }, model: '' },
      { params: { passes: 50, seed: 1, batch: 8 }, model: '' },
    ]);
    expect(differing).toEqual([
      { name: 'Passes', values: ['5', '50'] },
      { name: 'Batch', values: ['—', '8'] },
    ]);
    expect(equal).toBe(2);
    expect(settingName('params.learningRate')).toBe('Learning rate');
  });
});
