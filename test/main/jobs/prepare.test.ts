import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  statSync,
  writeFileSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareParams } from '#shared/params/prepare.ts';
import type { JobEvent } from '#shared/jobs.ts';
import { AppError } from '#shared/errors.ts';
import type { JobContext } from '#main/jobs/job.ts';
import { prepare, type PrepareSpec } from '#main/jobs/prepare.ts';
import { verifyArtifact } from '#main/store/artifact.ts';
import { makeEdf, temporaryFolder, uvChannel } from '../../make/edf-files.ts';

let folder: ReturnType<typeof temporaryFolder>;
/** Two data sets of two recordings each, of different lengths: 6, 9, 4 and 8 segments of 4 s. */
let spec: PrepareSpec;
/** As an import notes them. */
function stampOf(path: string): { bytes: number; modifiedMs: number } {
  const { size, mtimeMs } = statSync(path);
  return { bytes: size, modifiedMs: Math.round(mtimeMs) };
}
/** What one undisturbed run made. */
let whole: { hash: string; key: string; windows: number };

beforeAll(async () => {
  folder = temporaryFolder();
  const recordings = [25, 36, 16, 33].map((seconds, at) => ({ id: `R-${at + 1}`, seconds, at }));
  for (const { id, seconds } of recordings)
    await makeEdf(join(folder.path, `${id}.edf`), {
      channels: ['Fp1', 'Fp2'].map((label) => ({
        ...uvChannel(label, 128),
        physicalMin: -100 - seconds,
        physicalMax: 100 + seconds,
      })),
      onsets: Array.from({ length: seconds }, (_, second) => second),
    });
  spec = {
    params: prepareParams.parse({}),
    recordings: recordings.map(({ id, seconds, at }) => ({
      id,
      path: join(folder.path, `${id}.edf`),
      sha256: id,
      ...stampOf(join(folder.path, `${id}.edf`)),
      dataset: at < 2 ? 'one' : 'two',
      subject: `S${at}`,
      durationS: seconds,
      spans: [{ startS: 0, endS: seconds }],
      channels: ['Fp1', 'Fp2'].map((electrode, position) => ({
        position,
        electrode,
        sfreqHz: 128,
        factor: 1,
      })),
    })),
  };
  let windows = 0;
  const { manifest } = await run(newStudy(), spec, { onWindow: () => windows++ });
  whole = { hash: manifest.hash, key: manifest.key, windows };
});
afterAll(() => folder[Symbol.dispose]());

let studies = 0;
function newStudy(): string {
  const dir = join(folder.path, `study-${studies++}`);
  mkdirSync(dir);
  return dir;
}

interface Disturbance {
  /** Called with the number of windows judged before. */
  onWindow?: (count: number) => void;
  abort?: AbortController;
  stopRequested?: () => boolean;
}

async function run(
  studyDir: string,
  what: PrepareSpec,
  { onWindow, abort, stopRequested }: Disturbance = {},
) {
  const notes: string[] = [];
  let count = 0;
  const context: JobContext = {
    studyDir,
    workers: 1,
    engine: 'auto',
    signal: (abort ?? new AbortController()).signal,
    stopRequested: stopRequested ?? (() => false),
    report(event: JobEvent) {
      if (event.type === 'note') notes.push(event.text);
      if (event.type === 'progress') onWindow?.(count++);
    },
    lostEngines: [],
    engineChosen: () => undefined,
    recorded: () => undefined,
    now: () => '2026-01-01T00:00:00Z',
    checkpoints: () => {
      throw new Error('Preparing keeps its place in the draft.');
    },
  };
  const output = await prepare(what, context);
  return { output, manifest: output.artifacts[0]!, notes };
}

const draftOf = (study: string) => join(study, 'artifacts', '.writing', whole.key);
const drafts = (study: string) => readdirSync(join(study, 'artifacts', '.writing'));

/** A recording whose file is gone can only be one that is not read. */
const without = (...gone: number[]): PrepareSpec => ({
  ...spec,
  recordings: spec.recordings.map((recording, at) =>
    gone.includes(at) ? { ...recording, path: `${recording.path}.gone` } : recording,
  ),
});

/** What a process that is killed after so many windows leaves behind, at each of these moments. */
async function killedAt(moments: readonly number[]): Promise<Map<number, string>> {
  const study = newStudy();
  const copies = new Map<number, string>();
  await run(study, spec, {
    onWindow(count) {
      if (!moments.includes(count)) return;
      const copy = newStudy();
      cpSync(study, copy, { recursive: true });
      copies.set(count, copy);
    },
  });
  return copies;
}

/** Windows of the first recordings, the rests that are too short included. */
const ends = [7, 16, 20, 29];
const finishedAt = (moment: number) => ends.filter((end) => moment >= end).length;

describe('preparing that was killed', () => {
  it('goes on behind the last finished recording, reads none of those again, and ends with the same hash', async () => {
    expect(whole.windows).toBe(ends.at(-1));
    const moments = [0, 3, 7, 8, 12, 16, 19, 20, 28];
    for (const [moment, study] of await killedAt(moments)) {
      const gone = Array.from({ length: finishedAt(moment) }, (_, at) => at);
      let judged = 0;
      const { manifest, notes } = await run(study, without(...gone), { onWindow: () => judged++ });
      expect(manifest.hash, `killed after ${moment} windows`).toBe(whole.hash);
      expect(judged).toBe(whole.windows - (ends[gone.length - 1] ?? 0));
      expect(notes.some((note) => note.includes(`${gone.length} of 4 recordings`))).toBe(gone.length > 0);
      expect(await verifyArtifact(join(study, 'artifacts', 'segments', manifest.id))).toEqual([]);
      expect(drafts(study)).toEqual([]);
    }
  });

  it('goes on when killed again and again', async () => {
    const study = newStudy();
    let tries = 0;
    for (const stopAfter of [2, 8, 1, 5, 9]) {
      const abort = new AbortController();
      await run(study, spec, {
        abort,
        onWindow: (count) => count === stopAfter && abort.abort(new AppError('cancelled', 'Enough.')),
      }).then(
        () => undefined,
        () => tries++,
      );
    }
    expect(tries).toBeGreaterThan(3);
    expect((await run(study, spec)).manifest.hash).toBe(whole.hash);
  });

  it('cuts off what came after the last mark: a half row, half a line, files begun', async () => {
    const [study] = (await killedAt([18])).values();
    const draft = draftOf(study!);
    appendFileSync(join(draft, 'segments', '0-0000.f32'), new Uint8Array(777));
    appendFileSync(join(draft, 'segments.ndjson'), '{"r":1,"s":');
    appendFileSync(join(draft, 'journal.ndjson'), '{"note":{"recording":"R-3","segm');
    appendFileSync(join(draft, 'groups.json.part'), '{');
    const { manifest } = await run(study!, without(0, 1));
    expect(manifest.hash).toBe(whole.hash);
    expect(await verifyArtifact(join(study!, 'artifacts', 'segments', manifest.id))).toEqual([]);
  });

  it('starts anew when what was safe is not there, or not what it was', async () => {
    for (const harm of [
      (draft: string) => truncateSync(join(draft, 'segments', '0-0000.f32'), 100),
      (draft: string) => {
        const path = join(draft, 'segments', '0-0000.f32');
        const { length } = readFileSync(path);
        truncateSync(path, length - 4);
        appendFileSync(path, new Uint8Array(4).fill(1));
      },
      (draft: string) => rmSync(join(draft, 'segments.ndjson')),
      (draft: string) => rmSync(join(draft, 'journal.ndjson')),
      (draft: string) => truncateSync(join(draft, 'journal.ndjson'), 10),
    ]) {
      const [study] = (await killedAt([16])).values();
      harm(draftOf(study!));
      const { manifest, notes } = await run(study!, spec);
      expect(notes).toEqual([]);
      expect(manifest.hash).toBe(whole.hash);
    }
  });

  it('is not picked up by other work: other parameters, other recordings, other names of the same', async () => {
    const [study] = (await killedAt([18])).values();
    const others: PrepareSpec[] = [
      { ...spec, params: { ...spec.params, maxAmplitudeUv: 400 } },
      { ...spec, recordings: spec.recordings.slice(0, 3) },
      { ...spec, recordings: spec.recordings.map((recording) => ({ ...recording, id: `${recording.id}b` })) },
    ];
    for (const other of others) {
      const { notes, manifest } = await run(study!, other);
      expect(notes).toEqual([]);
      expect(manifest.hash).toBe((await run(newStudy(), other)).manifest.hash);
    }
  });

  it('leaves no draft behind when the result is there already', async () => {
    const [study] = (await killedAt([18])).values();
    const other = newStudy();
    await run(other, spec);
    cpSync(join(other, 'artifacts', 'segments'), join(study!, 'artifacts', 'segments'), { recursive: true });
    expect((await run(study!, spec)).manifest.hash).toBe(whole.hash);
    expect(drafts(study!)).toEqual([]);
  });
});

describe('preparing what changed since it was added', () => {
  it('is refused, naming the file; put back as it was, it is prepared', async () => {
    const [{ path, modifiedMs }] = spec.recordings as [PrepareSpec['recordings'][number]];
    const before = readFileSync(path);
    const study = newStudy();
    const refused = (code: string) =>
      expect(run(study, spec)).rejects.toMatchObject({ code, message: expect.stringContaining(path) });
    truncateSync(path, before.length - 1000);
    await refused('conflict');
    writeFileSync(path, before);
    utimesSync(path, new Date(), new Date(modifiedMs + 60_000));
    await refused('conflict');
    rmSync(path);
    await refused('not-found');
    writeFileSync(path, before);
    utimesSync(path, new Date(), new Date(modifiedMs));
    expect((await run(study, spec)).manifest.hash).toBe(whole.hash);
  });
});

describe('preparing that is stopped', () => {
  const stoppedBy = async (study: string, how: string, after: number) => {
    const abort = new AbortController();
    const running = run(study, spec, {
      abort,
      onWindow: (count) =>
        count === after && abort.abort(new AppError('cancelled', 'Stopped.', { details: { how } })),
    });
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  };

  it('keeps finished recordings when paused', async () => {
    const study = newStudy();
    await stoppedBy(study, 'pause', 18);
    expect(drafts(study)).toEqual([whole.key]);
    expect((await run(study, without(0, 1))).manifest.hash).toBe(whole.hash);
  });

  it('leaves nothing when discarded, not even what an earlier run had finished', async () => {
    const study = newStudy();
    await stoppedBy(study, 'pause', 18);
    await stoppedBy(study, 'discard', 2);
    expect(drafts(study)).toEqual([]);
    expect(existsSync(join(study, 'artifacts', 'segments'))).toBe(false);
  });

  it('keeps finished recordings when a later one cannot be read, and nothing when no segment passes', async () => {
    const study = newStudy();
    await expect(run(study, without(2))).rejects.toMatchObject({ code: 'not-found' });
    expect((await run(study, without(0, 1))).manifest.hash).toBe(whole.hash);
    const strict = { ...spec, params: { ...spec.params, maxAmplitudeUv: 50 } };
    await expect(run(study, strict)).rejects.toMatchObject({ code: 'no-data' });
    expect(drafts(study)).toEqual([]);
  });

  it('makes a result of what there is when told to keep, under a name of its own', async () => {
    for (const after of [3, 10, 18]) {
      const study = newStudy();
      let count = 0;
      const { manifest, output } = await run(study, spec, {
        onWindow: () => count++,
        stopRequested: () => count > after,
      });
      expect(manifest.key).not.toBe(whole.key);
      expect(manifest.params['stopped']).toBeDefined();
      expect(manifest.inputs.filter(({ role }) => role === 'recording')).toHaveLength(finishedAt(after) + 1);
      expect(output.yields!.reduce((sum, each) => sum + each.segments, 0)).toBe(manifest.summary['segments']);
      expect(await verifyArtifact(join(study, 'artifacts', 'segments', manifest.id))).toEqual([]);
      expect(drafts(study)).toEqual([]);
      expect((await run(study, spec)).manifest.hash).toBe(whole.hash);
    }
  });

  it('gives up as if paused when there is nothing to keep yet', async () => {
    await expect(run(newStudy(), spec, { stopRequested: () => true })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});
