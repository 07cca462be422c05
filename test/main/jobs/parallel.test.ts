import { describe, expect, it } from 'vitest';
import { kCenter } from '#main/distillation/selection/k-center.ts';
import { openThreads } from '#main/jobs/parallel.ts';
import type { Progress } from '#shared/jobs.ts';
import { clustered } from '../distillation/tables.ts';

describe('selection threads', () => {
  it('pick what one thread picks, whatever their number, run after run', async () => {
    const x = clustered(9000, 32, 1);
    const alone = await kCenter(x, 32, { k: 400, history: true });
    for (const workers of [1, 2, 3]) {
      await using pool = openThreads(workers);
      for (let run = 0; run < 2; run++)
        expect(await kCenter(x, 32, { k: 400, history: true, parallel: pool })).toEqual(alone);
    }
  });

  it('end soon after cancelling and can be used again', async () => {
    await using pool = openThreads(2);
    const x = clustered(60_000, 16, 2);
    const controller = new AbortController();
    const progress: Progress = {
      signal: controller.signal,
      stopRequested: () => false,
      report: () => controller.abort(),
    };
    await expect(kCenter(x, 16, { k: 60_000, parallel: pool, progress })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect((await kCenter(x, 16, { k: 5, parallel: pool })).order.length).toBe(5);
  });
});
