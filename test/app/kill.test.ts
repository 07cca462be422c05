import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import type { Manifest } from '#shared/artifacts.ts';
import { createRandom } from '#shared/random.ts';
import { openCatalog } from '#main/catalog/catalog.ts';
import { verifyArtifact } from '#main/store/artifact.ts';
import { openBench } from './limbeck.ts';
import { engine, lines } from './prepared.ts';

/** LIMBECK_KILLS=50 kills the whole demonstration so often; by default a shorter walk through the same steps, three times. */
const kills = Number(process.env['LIMBECK_KILLS'] ?? 3);
const seed = Number(process.env['LIMBECK_SEED'] ?? randomInt(1_000_000));
const isWhole = process.env['LIMBECK_KILLS'] !== undefined;
const linesFor = (study: string) =>
  isWhole
    ? [['demo', '--size', 'tiny', '--out', study, ...engine, '--json', '--quiet']]
    : Object.entries(lines).map(([verb, words]) => [verb, '--study', study, '--json', '--quiet', ...words]);

const bench = openBench();
afterAll(() => bench.remove());

/** Runs the lines one after another; kills whichever runs after so many milliseconds. */
async function runAll(study: string, killAfterMs = Infinity): Promise<{ ms: number; killed: boolean }> {
  const started = performance.now();
  let killed = false;
  for (const words of linesFor(study)) {
    const { child, ended } = bench.start(...words);
    const left = killAfterMs - (performance.now() - started);
    const timer =
      left === Infinity
        ? undefined
        : setTimeout(
            () => {
              killed = true;
              child.kill('SIGKILL');
            },
            Math.max(0, left),
          );
    const { status, stdout, stderr } = await ended;
    clearTimeout(timer);
    if (killed) break;
    expect(status, `${words.join(' ')}: ${stdout} ${stderr}`).toBe(0);
  }
  return { ms: performance.now() - started, killed };
}

function hashes(study: string): Record<string, string> {
  const folder = join(study, 'artifacts');
  return Object.fromEntries(
    readdirSync(folder)
      .filter((kind) => !kind.startsWith('.') && kind !== 'export')
      .flatMap((kind) => readdirSync(join(folder, kind)).map((id) => join(folder, kind, id)))
      .map((dir) => JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8')) as Manifest)
      .map(({ id, hash }) => [id, hash]),
  );
}

describe(`killed ${kills} times at moments drawn with LIMBECK_SEED=${seed}`, () => {
  it('a study opens each time, goes on, and ends with the very artifacts of an undisturbed one', async () => {
    const random = createRandom(seed);
    const { study: undisturbed, ms } = isWhole
      ? { study: bench.path('undisturbed'), ...(await runAll(bench.path('undisturbed'))) }
      : inject('prepared');
    const study = bench.path('killed');
    let done = 0;
    for (let turn = 0; turn < kills; turn++) {
      // What is done is not done again, so later turns take less time: earlier moments are drawn as well.
      const { killed } = await runAll(study, ms * random.next() * (isWhole ? 0.5 : 0.6));
      if (!killed) continue;
      done++;
      const catalog = openCatalog(study);
      expect(catalog.audit.firstBroken()).toBeNull();
      expect(catalog.jobs.list().filter((job) => job.status === 'running').length).toBeLessThanOrEqual(1);
      catalog.close();
    }
    expect(done).toBeGreaterThan(0);
    await runAll(study);
    expect(hashes(study)).toEqual(hashes(undisturbed));
    const { jobs, close } = openCatalog(study);
    // Each run that was killed points to the one that went on.
    expect(jobs.list().filter((job) => job.status !== 'done' && job.supersededBy === null)).toEqual([]);
    close();
    for (const id of Object.keys(hashes(study))) {
      const kind = readdirSync(join(study, 'artifacts')).find(
        (each) => !each.startsWith('.') && readdirSync(join(study, 'artifacts', each)).includes(id),
      )!;
      expect(await verifyArtifact(join(study, 'artifacts', kind, id))).toEqual([]);
    }
    expect(readdirSync(join(study, 'artifacts', '.writing'))).toEqual([]);
  });
});
