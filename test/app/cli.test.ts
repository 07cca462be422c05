import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createRandom } from '#shared/random.ts';
import { openCatalog } from '#main/catalog/catalog.ts';
import { decodeNpy, encodeNpy } from '#main/export/npy.ts';
import { openRecording } from '#main/io/readers.ts';
import { makeEdf, patch, signalField, uvChannel } from '../make/edf-files.ts';
import { openBench, type Ended, type Refused } from './limbeck.ts';
import { engine, lines } from './prepared.ts';

const bench = openBench();
const prepared = inject('prepared');
const study = bench.path('study');
const made: Record<string, Ended> = {};
const on = (verb: string, ...more: string[]) =>
  bench.run(verb, '--study', study, '--json', '--quiet', ...(lines[verb] ?? []), ...more);
/** The one refusal of a line, with its exit status checked. */
const refusal = (ended: Ended): Refused['error'] => {
  expect(ended.status).toBe(1);
  const { error } = ended.json<Refused>();
  expect(ended.stderr).toContain(error.message);
  expect(error.code).not.toBe('internal');
  return error;
};

beforeAll(async () => {
  cpSync(prepared.study, study, { recursive: true });
  for (const [verb, ended] of Object.entries(prepared.ended))
    made[verb] = { ...ended, json: <T>() => JSON.parse(ended.stdout) as T };
  made['evaluate'] = await on(
    'evaluate',
    '--model',
    String(made['finetune']!.json()['id']),
    '--split',
    'trial',
    ...engine,
  );
});
afterAll(() => bench.remove());

describe('every verb of the loop', () => {
  const keys: Record<string, string[]> = {
    sample: ['recordings', 'duplicates', 'refused'],
    prepare: ['id', 'hash', 'segments', 'hours', 'rejected', 'seconds'],
    distill: ['id', 'hash', 'segments', 'kept', 'outliers', 'radius', 'methods', 'seconds'],
    pretrain: ['id', 'hash', 'parameters', 'curves', 'seconds', 'engine'],
    finetune: ['id', 'hash', 'metrics', 'chance', 'weights'],
    calibrate: ['curve', 'chance'],
    evaluate: ['metrics', 'chance', 'perSubject', 'confusion', 'leaks'],
  };
  it.each(Object.keys(keys))(
    '%s prints one document with the promised keys, and nothing on stderr when quiet',
    (verb) => {
      const { status, stderr, json } = made[verb]!;
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(Object.keys(json())).toEqual(expect.arrayContaining(keys[verb]!));
    },
  );

  it('keeps the shapes below the keys', () => {
    expect(made['distill']!.json<{ seconds: object; methods: object[] }>()).toMatchObject({
      seconds: {
        compress: expect.any(Number),
        embed: expect.any(Number),
        outliers: expect.any(Number),
        select: expect.any(Number),
      },
      methods: [{ name: 'k-center', kept: expect.any(Number), radius: expect.any(Number) }],
    });
    expect(made['finetune']!.json()).toMatchObject({
      metrics: {
        balancedAccuracy: { value: expect.any(Number), low: expect.any(Number), high: expect.any(Number) },
      },
      weights: { loaded: expect.any(Number), of: expect.any(Number) },
    });
    const { curve } = made['calibrate']!.json<{ curve: object[] }>();
    expect(curve[0]).toMatchObject({
      minutes: 0,
      accuracy: expect.any(Number),
      low: expect.any(Number),
      high: expect.any(Number),
    });
    const { recordings } = made['sample']!.json<{ recordings: object[] }>();
    expect(Object.keys(recordings[0]!)).toEqual(['id', 'path', 'dataset', 'subject', 'status', 'findings']);
  });

  it('does nothing twice: the same line gives the same hash and makes no second artifact', async () => {
    const before = (await on('runs')).json<{ id: string; createdAt: string }[]>();
    for (const verb of ['prepare', 'distill', 'pretrain'])
      expect((await on(verb)).json()).toMatchObject({
        id: made[verb]!.json()['id'],
        hash: made[verb]!.json()['hash'],
      });
    expect((await on('runs')).json()).toEqual(before);
  });

  it('reproduces the distillate from its manifest, the same for any number of workers', async () => {
    const { id, hash } = made['distill']!.json<{ id: string; hash: string }>();
    for (const workers of ['1', '3']) {
      const again = await on('reproduce', id, '--workers', workers);
      expect(again.status).toBe(0);
      expect(again.json()).toMatchObject({ id, before: hash, after: hash, equal: true });
    }
    expect((await on('show', id)).json()).toMatchObject({ id, hash, problems: [] });
  });

  it('gives a reproduced artifact back when it was killed half-way', async () => {
    const id = String(made['distill']!.json()['id']);
    const { child, ended } = bench.start('reproduce', '--study', study, id, ...engine);
    await new Promise<void>((resolve) => child.stderr!.once('data', () => resolve()));
    child.kill('SIGKILL');
    await ended;
    const shown = await on('show', id);
    expect(shown.json()).toMatchObject({ id, problems: [] });
  });

  it('lists jobs, runs, lineage and maps', async () => {
    const [jobs, runs, map, engines] = await Promise.all([
      on('jobs').then(async (ended) => [ended, await on('runs'), await on('map')] as const),
      bench.run('engine', 'list', '--json'),
    ]).then(([[j, r, m], e]) => [j, r, m, e] as const);
    expect(jobs.json<{ kind: string; status: string }[]>().map((job) => job.kind)).toEqual(
      expect.arrayContaining(['sample', 'prepare', 'distill', 'pretrain', 'finetune', 'calibrate']),
    );
    expect(runs.json<object[]>()[0]).toMatchObject({
      id: expect.any(String),
      kind: expect.any(String),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const coverage = map.json<{
      recordings: object[];
      coverage: { electrodes: string[]; counts: number[] };
    }>();
    expect(coverage.recordings).toHaveLength(8);
    expect(coverage.coverage.electrodes).toHaveLength(coverage.coverage.counts.length);
    expect(coverage.recordings[0]).toMatchObject({
      id: expect.any(String),
      mapped: 62,
      auxiliary: 1,
      unknown: 0,
    });
    for (const each of engines.json<object[]>())
      expect(Object.keys(each)).toEqual(
        expect.arrayContaining(['name', 'device', 'works', 'reason', 'gflops']),
      );
  });

  it('exports, reads back, and refuses a folder in use and an impossible format', async () => {
    const out = bench.path('export');
    const done = await on('export', '--what', 'subset', '--format', 'npz,edf', '--out', out);
    expect(done.json()).toMatchObject({
      readBack: 'equal',
      identifiersFound: 0,
      files: expect.arrayContaining(['manifest.json', 'checksums.sha256']),
    });
    const before = listing(out);
    const again = await on('export', '--what', 'subset', '--format', 'npz,edf', '--out', out);
    expect(again.json()).toMatchObject({ hash: done.json()['hash'] });
    const other = await on('export', '--what', 'subset', '--format', 'npz', '--keep', '0.05', '--out', out);
    expect(refusal(other).code).toBe('conflict');
    const foreign = await on('export', '--what', 'subset', '--format', 'npz,edf', '--out', bench.folder);
    expect(refusal(foreign).code).toBe('conflict');
    expect(listing(out)).toEqual(before);
    expect(
      refusal(await on('export', '--what', 'model', '--format', 'edf', '--out', bench.path('export-2'))).code,
    ).toBe('unsupported');
    expect(existsSync(bench.path('export-2'))).toBe(false);
    const unknown = await on(
      'export',
      '--what',
      'model',
      '--format',
      'onnx',
      '--out',
      bench.path('export-2'),
    );
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toMatch(/--formats? takes .*safetensors/);
  });

  it('writes what the card says, from a file and from flags, and says what it does not state', async () => {
    const out = bench.path('carded');
    writeFileSync(bench.path('card.json'), JSON.stringify({ title: 'Theirs', consent: 'Ethics 12/3' }));
    const words = ['export', '--study', study, '--what', 'subset', '--format', 'npz', '--out', out];
    const done = await bench.run(
      ...words,
      '--card',
      bench.path('card.json'),
      '--card-title',
      'Calm, distilled',
    );
    expect(done.stderr).toMatch(/does not state: licence\. .*--card-licence/);
    const text = readFileSync(join(out, 'README.md'), 'utf8');
    expect(text).toContain('Calm, distilled');
    expect(text).toContain('Ethics 12/3');
    expect(text).not.toContain('Theirs');
    writeFileSync(bench.path('card.json'), JSON.stringify({ owner: 'me' }));
    const wrong = await bench.run(...words, '--json', '--card', bench.path('card.json'));
    expect(refusal(wrong)).toMatchObject({
      code: 'invalid-input',
      message: expect.stringMatching(/no field "owner"/),
    });
  });

  it('says what is there when a model, subject, artifact or data set is not', async () => {
    expect(refusal(await on('finetune', '--model', 'P-0000000000'))).toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('P-'),
    });
    expect(refusal(await on('calibrate', '--subject', 'Film clips/F99'))).toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('Film clips/F01'),
    });
    expect(refusal(await on('show', 'D-0000000000')).code).toBe('not-found');
    expect(refusal(await on('reproduce', 'X')).code).toBe('not-found');
    expect(refusal(await on('prepare', '--datasets', 'Elsewhere'))).toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('Ward routine'),
    });
    expect(refusal(await on('evaluate', '--model', 'M-0000000000')).code).toBe('not-found');
  });

  it('refuses to keep more than was ordered, naming the flag that orders more', async () => {
    const refused = [
      await on('pretrain', '--keep', '0.9'),
      await on(
        'export',
        '--what',
        'subset',
        '--format',
        'npz',
        '--keep',
        '0.9',
        '--out',
        bench.path('export-3'),
      ),
    ];
    for (const ended of refused)
      expect(refusal(ended)).toMatchObject({
        code: 'invalid-input',
        message: expect.stringContaining('--order-up-to'),
      });
    expect(existsSync(bench.path('export-3'))).toBe(false);
  });
});

describe('exit statuses', () => {
  it('is 2 for wrong usage, with words and one document', async () => {
    const wrong = [
      [],
      ['frobnicate'],
      ['prepare', '--json'],
      ['prepare', '--study', study, '--no-such-flag'],
      ['prepare', '--study', study, 'stray'],
      ['prepare', '--study', study, '--window-s', 'four'],
      ['distill', '--study', study, '--keep', '7'],
      ['distill', '--study', study, '--engine', 'abacus'],
      ['select', bench.path('x.npy')],
      ['select', bench.path('x.npy'), '--keep', '1.5'],
      ['inspect', '--json'],
      ['read', 'a.edf'],
      ['import', '--study', study],
      ['calibrate', '--study', study],
      ['distill', '--study', study, '--workers', '0'],
      ['jobs', '--study', study, 'stray'],
      ['read', 'a.edf', '--out', bench.path('x.npy'), '--start', 'soon'],
      ['evaluate', '--study', study, '--model', 'none', '--seed', 'x'],
      ['demo', '--out', bench.path('demo'), '--size', 'huge'],
      ['serve', '--port', '99999'],
    ];
    const ended = await inTurns(wrong, (words) => bench.run(...words));
    expect(ended.map(({ status }) => status)).toEqual(wrong.map(() => 2));
    for (const [at, words] of wrong.entries()) {
      if (words.length > 0) expect(ended[at]!.stderr).toMatch(/\S/);
      if (words.includes('--json')) expect(ended[at]!.json<Refused>().error.code).toBe('usage');
    }
    for (const name of ['x.npy', 'demo']) expect(existsSync(bench.path(name)), name).toBe(false);
  });

  it('is 0 for help, of the whole and of a verb, and for the version', async () => {
    const [all, one] = await Promise.all([bench.run('help'), bench.run('distill', '--help')]);
    expect(await bench.run('help', 'distill')).toMatchObject({ status: 0, stdout: one.stdout });
    expect((await bench.run('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(all).toMatchObject({ status: 0, stderr: '' });
    for (const verb of Object.keys(lines)) expect(all.stdout).toContain(verb);
    expect(one.stdout).toContain('--keep N');
  });

  it('is 130 after Ctrl+C, and the same line goes on from the checkpoint', async () => {
    const words = [
      'pretrain',
      '--study',
      study,
      '--json',
      ...engine,
      '--passes',
      '30',
      '--samples-per-pass',
      '64',
      '--patience',
      '0',
      '--hold-out',
      '0',
      '--seed',
      '5',
    ];
    const { child, ended } = bench.start(...words);
    const watch = setInterval(() => {
      if (checkpoints().length === 0) return;
      clearInterval(watch);
      child.kill('SIGINT');
    }, 20);
    const stopped = await ended;
    clearInterval(watch);
    expect(stopped.status).toBe(130);
    expect(stopped.json<Refused>().error.code).toBe('cancelled');
    expect((await on('jobs')).json<{ status: string }[]>()[0]!.status).toBe('interrupted');
    expect(checkpoints()).toHaveLength(1);
    const done = await bench.run(...words, '--quiet');
    expect(done).toMatchObject({ status: 0, stderr: '' });
    expect(done.json()).toMatchObject({ id: expect.stringMatching(/^P-/) });
    expect(checkpoints()).toEqual([]);
  });

  const checkpoints = () => {
    const work = join(study, 'work');
    return readdirSync(work).filter((name) => existsSync(join(work, name, 'checkpoint.safetensors')));
  };
});

describe('files without a study', () => {
  let good: string;
  const bad: Record<string, string> = {};
  beforeAll(async () => {
    mkdirSync(bench.path('files'));
    good = (
      await makeEdf(bench.path('files', 'good.edf'), {
        annotations: [{ onsetS: 2, durationS: 1, text: 'blink' }],
      })
    ).path;
    const at = (name: string) => (bad[name] = bench.path('files', `${name}.edf`));
    writeFileSync(at('not'), 'this is no recording, though its name says so\n'.repeat(50));
    writeFileSync(at('empty'), '');
    writeFileSync(at('header'), readFileSync(good).subarray(0, 300));
    patch(good, at('signals'), 252, '0   ');
    // Physical minimum equal to the maximum: values have no unit.
    patch(
      good,
      at('flat'),
      signalField(4, 0, 4),
      readFileSync(good).toString('latin1', signalField(3, 0, 4), signalField(3, 0, 4) + 8),
    );
  });

  it('inspects: format, spans, channels with sites, annotations, findings', async () => {
    const [first] = (await bench.run('inspect', good, '--json')).json<Record<string, unknown>[]>();
    expect(Object.keys(first!)).toEqual(
      expect.arrayContaining([
        'path',
        'format',
        'bytes',
        'startedAt',
        'durationS',
        'spans',
        'channels',
        'annotations',
        'findings',
      ]),
    );
    expect(first).toMatchObject({
      durationS: 10,
      spans: [{ startS: 0, endS: 10 }],
      annotations: [{ onsetS: 2, durationS: 1, text: 'blink' }],
    });
    expect((first!['channels'] as object[])[0]).toMatchObject({
      label: 'EEG Fp1',
      kind: 'eeg',
      unit: 'uV',
      sfreqHz: 256,
      electrode: 'Fp1',
      confidence: 'certain',
    });
  });

  it('refuses what cannot be opened, with a remedy; lists it among others', async () => {
    const refused = ['not', 'empty', 'header', 'signals'];
    const codes = await inTurns(
      refused,
      async (name) => refusal(await bench.run('inspect', bad[name]!, '--json')).code,
    );
    expect(Object.fromEntries(refused.map((name, at) => [name, codes[at]]))).toEqual({
      not: 'not-eeg',
      empty: expect.stringMatching(/not-eeg|damaged-file/),
      header: 'damaged-file',
      signals: expect.stringMatching(/no-data|damaged-file|not-eeg/),
    });
    const all = await bench.run('inspect', ...Object.values(bad), good, '--json');
    expect(all.status).toBe(0);
    expect(all.json<{ path: string; refused?: object }[]>().filter((each) => each.refused)).toHaveLength(4);
  });

  it('opens a file with one channel without a unit and says which', async () => {
    const [only] = (await bench.run('inspect', bad['flat']!, '--json')).json<
      { findings: { where: string }[]; channels: { disabled?: string }[] }[]
    >();
    expect(only!.findings.length).toBeGreaterThan(0);
    expect(only!.channels[0]!.disabled ?? JSON.stringify(only!.findings)).toMatch(
      /Fp1|minimum|maximum|range/i,
    );
  });

  it('reads physical values, one file per rate, as the reader does', async () => {
    const ended = await bench.run(
      'read',
      good,
      '--start',
      '1.5',
      '--seconds',
      '2',
      '--out',
      bench.path('x.npy'),
      '--json',
    );
    const { files } = ended.json<{
      files: { path: string; channels: string[]; sfreqHz: number; shape: number[] }[];
    }>();
    expect(files.map(({ sfreqHz, shape }) => [sfreqHz, shape])).toEqual([
      [256, [2, 512]],
      [32, [1, 64]],
    ]);
    expect(files[0]!.path).toBe(bench.path('x.256Hz.npy'));
    await using recording = await openRecording(good);
    const values = await recording.read(1.5, 2, [0, 1]);
    const { data } = decodeNpy(readFileSync(files[0]!.path));
    expect(data.slice(0, 512)).toEqual(values[0]);
    expect(data.slice(512)).toEqual(values[1]);
  });

  it('refuses channels that are not there and a folder that cannot be written to', async () => {
    expect(
      refusal(await bench.run('read', good, '--channels', 'Zz', '--out', bench.path('y.npy'), '--json')),
    ).toMatchObject({ code: 'not-found', message: expect.stringContaining('EEG Fp1') });
    expect(
      refusal(await bench.run('read', good, '--out', bench.path('nowhere', 'y.npy'), '--json')).code,
    ).toBe('not-found');
    expect(refusal(await bench.run('read', good, '--out', join(good, 'y.npy'), '--json')).code).toMatch(
      /invalid-input|not-found|read-only/,
    );
    expect(
      refusal(await bench.run('read', bench.path('gone.edf'), '--out', bench.path('y.npy'), '--json')).code,
    ).toBe('not-found');
  });

  it('refuses a window outside the recording, and says what of one lies outside', async () => {
    const at = (...window: string[]) => bench.run('read', good, ...window, '--out', bench.path('w.npy'));
    const outside = await at('--start', '-5', '--seconds', '2', '--json');
    expect(refusal(outside)).toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('0 to 10 s'),
    });
    expect(refusal(await at('--start', '10', '--seconds', '1', '--json')).code).toBe('invalid-input');
    expect((await at('--start', '-1', '--seconds', '2')).stdout).toMatch(/1 s of it lie outside/);
  });

  it('mends a copy and leaves the source as it was', async () => {
    const source = join(bench.folder, 'files', 'torn.edf');
    writeFileSync(source, readFileSync(good));
    truncateSync(source, statSync(good).size - 100);
    const before = sha256(source);
    const [result] = (await bench.run('repair', source, '--out', bench.path('mended'), '--json')).json<
      { path: string; copy: string; mended: object[]; remaining: object[] }[]
    >();
    expect(Object.keys(result!)).toEqual(expect.arrayContaining(['path', 'copy', 'mended', 'remaining']));
    expect(result!.mended.length).toBeGreaterThan(0);
    expect(sha256(source)).toBe(before);
  });
});

describe('outliers and select on any table', () => {
  const rows = 200;
  const columns = 6;
  const table = (
    name: string,
    change: (x: Float32Array) => void = () => undefined,
    shape = [rows, columns],
  ) => {
    const random = createRandom(7);
    const x = Float32Array.from({ length: rows * columns }, () => random.normal());
    change(x);
    const path = bench.path(name);
    writeFileSync(path, encodeNpy({ shape, data: x }));
    return path;
  };

  it('flags the planted row and writes scores', async () => {
    const path = table('planted.npy', (x) => x.fill(40, 17 * columns, 18 * columns));
    const ended = await bench.run(
      'outliers',
      path,
      '--contamination',
      '0.01',
      '--out',
      bench.path('scores.npy'),
      '--json',
      '--quiet',
    );
    expect(ended.json()).toMatchObject({
      n: rows,
      d: columns,
      flagged: 2,
      threshold: expect.any(Number),
      seconds: expect.any(Number),
      rows: expect.arrayContaining([17]),
    });
    expect(decodeNpy(readFileSync(bench.path('scores.npy'))).shape).toEqual([rows]);
  });

  it('selects the same order for one and for two workers, and writes order and radii', async () => {
    const path = table('plain.npy');
    const [one, two] = await inTurns(['1', '2'], (workers) =>
      bench.run(
        'select',
        path,
        '--keep',
        '0.1',
        '--workers',
        workers,
        '--out',
        bench.path(`order-${workers}.npy`),
        '--json',
      ),
    );
    expect(one!.json()).toMatchObject({
      n: rows,
      d: columns,
      k: 20,
      radius: expect.any(Number),
      seconds: expect.any(Number),
    });
    expect(two!.json()['hash']).toBe(one!.json()['hash']);
    const order = decodeNpy(readFileSync(bench.path('order-1.npy')));
    expect(order.data).toBeInstanceOf(Int32Array);
    expect(new Set(order.data as Int32Array).size).toBe(20);
    expect(decodeNpy(readFileSync(bench.path('order-1.radius.npy'))).shape).toEqual([20]);
  });

  it('refuses what is no table of numbers, in words', async () => {
    const missing = table('nan.npy', (x) => (x[33] = NaN));
    const flat = table('flat.npy', undefined, [rows * columns]);
    writeFileSync(bench.path('text.npy'), 'no array');
    const plain = table('plain-2.npy');
    const wrong: [string[], string][] = [
      [['outliers', missing], 'invalid-input'],
      [['select', missing, '--count', '3'], 'invalid-input'],
      [['outliers', flat], 'invalid-input'],
      [['select', flat, '--keep', '0.5'], 'invalid-input'],
      [['select', plain, '--count', String(rows + 1)], 'invalid-input'],
      [['select', plain, '--count', '0'], 'invalid-input'],
      [['select', plain, '--count', '2.5'], 'invalid-input'],
      [['select', plain, '--count', '3', '--start', String(rows)], 'invalid-input'],
      [['outliers', bench.path('text.npy')], 'damaged-file'],
      [['outliers', bench.path('gone.npy')], 'not-found'],
      [['select', plain, '--count', '3', '--out', bench.path('nowhere', 'o.npy')], 'not-found'],
      [['outliers', plain, '--out', bench.path('nowhere', 'o.npy')], 'not-found'],
    ];
    const codes = await inTurns(wrong, async ([words]) => refusal(await bench.run(...words, '--json')).code);
    expect(codes).toEqual(wrong.map(([, code]) => code));
  });

  it('takes every row when asked for all of them', async () => {
    const ended = await bench.run('select', table('all.npy'), '--count', String(rows), '--json');
    expect(ended.json()).toMatchObject({ k: rows, radius: 0 });
  });
});

describe('a study that is not as it should be', () => {
  it('names the file of an artifact that is damaged or gone', async () => {
    const dir = bench.path('damaged');
    const train = () => bench.run('pretrain', '--study', dir, '--json', '--quiet', ...engine, '--seed', '77');
    const id = String(made['distill']!.json()['id']);
    for (const [file, damage] of [
      ['distillate.json', (path: string) => writeFileSync(path, `${readFileSync(path, 'utf8')}x`)],
      ['distillate.json', (path: string) => truncateSync(path, 0)],
      ['manifest.json', (path: string) => writeFileSync(path, 'no manifest')],
      ['distillate.json', (path: string) => rmSync(path)],
    ] as const) {
      cpSync(prepared.study, dir, { recursive: true });
      damage(join(dir, 'artifacts', 'distillate', id, file));
      expect(refusal(await train())).toMatchObject({
        code: expect.stringMatching(/damaged-file|not-found/),
        message: expect.stringContaining(file.replace('.json', '')),
      });
      rmSync(dir, { recursive: true });
    }
    cpSync(prepared.study, dir, { recursive: true });
    rmSync(join(dir, 'study.sqlite'));
    expect(refusal(await bench.run('jobs', '--study', dir, '--json'))).toMatchObject({
      code: 'damaged-file',
      message: expect.stringContaining('study.sqlite is missing'),
    });
  });

  it('refuses to pre-train on what contradicts itself', async () => {
    expect(refusal(await on('pretrain', '--subset', 'nonsense'))).toMatchObject({
      code: 'not-found',
      message: expect.stringContaining(String(made['distill']!.json()['id'])),
    });
    expect(refusal(await on('pretrain', '--subset', 'full', '--by', 'pca')).code).toBe('invalid-input');
    expect(refusal(await on('pretrain', '--subset', 'full', '--keep', '0.5')).code).toBe('invalid-input');
  });

  it('is told to be open elsewhere while another process holds it', async () => {
    const dir = bench.path('held');
    const catalog = openCatalog(dir);
    try {
      expect(refusal(await bench.run('jobs', '--study', dir, '--json'))).toMatchObject({
        code: 'locked',
        message: expect.stringContaining(String(process.pid)),
      });
    } finally {
      catalog.close();
    }
    expect((await bench.run('jobs', '--study', dir, '--json')).json()).toEqual([]);
  });

  it('is left alone when a newer Limbeck made it', async () => {
    const dir = bench.path('newer');
    openCatalog(dir).close();
    const database = new Database(join(dir, 'study.sqlite'));
    database.pragma('user_version = 990000');
    database.close();
    expect(refusal(await bench.run('prepare', '--study', dir, '--json')).code).toBe('newer-version');
  });

  it('is refused when its folder is a file, lies below a file, or holds other things', async () => {
    const file = bench.path('file.txt');
    writeFileSync(file, 'a file');
    mkdirSync(bench.path('other'));
    writeFileSync(bench.path('other', 'holiday.jpg'), '');
    mkdirSync(bench.path('torn'));
    writeFileSync(
      bench.path('torn', 'study.sqlite'),
      'this is not a database at all, and long enough to be seen as one'.repeat(99),
    );
    expect(refusal(await bench.run('jobs', '--study', file, '--json')).code).toBe('invalid-input');
    expect(refusal(await bench.run('jobs', '--study', join(file, 'below'), '--json')).code).toMatch(
      /conflict|not-found/,
    );
    expect(refusal(await bench.run('jobs', '--study', bench.path('other'), '--json')).code).toBe('conflict');
    expect(refusal(await bench.run('jobs', '--study', bench.path('torn'), '--json')).code).toBe(
      'damaged-file',
    );
  });

  it('has nothing to work on when it is new, and says which step is missing', async () => {
    const dir = bench.path('new');
    for (const verb of ['prepare', 'distill', 'pretrain', 'finetune'])
      expect(refusal(await bench.run(verb, '--study', dir, '--json')), verb).toMatchObject({
        code: 'no-data',
        message: expect.stringMatching(/first/),
      });
  });

  it('keeps the recordings when a label table matches nothing, and lists bad files beside good ones', async () => {
    const dir = bench.path('labels');
    mkdirSync(bench.path('archive'));
    await makeEdf(bench.path('archive', 'P01.edf'), { channels: [uvChannel('Fp1', 64)] });
    writeFileSync(bench.path('archive', 'P02.edf'), 'broken');
    writeFileSync(bench.path('archive', 'P03.edf'), readFileSync(bench.path('archive', 'P01.edf')));
    writeFileSync(bench.path('none.csv'), 'recording,start_s,end_s,label\nelsewhere.edf,0,5,calm\n');
    writeFileSync(
      bench.path('some.csv'),
      'recording,start_s,end_s,label\nP01.edf,0,5,calm\nelsewhere.edf,0,5,calm\n',
    );
    const labelled = (table: string) =>
      bench.run(
        'import',
        '--study',
        dir,
        bench.path('archive'),
        '--labels',
        bench.path(table),
        '--json',
        '--quiet',
      );
    const none = refusal(await labelled('none.csv'));
    expect(none).toMatchObject({ code: 'no-data', message: expect.stringContaining('recording') });
    const some = (await labelled('some.csv')).json<{
      recordings: { status: string }[];
      duplicates: object[];
      refused: { path: string }[];
      labelProblems: string[];
    }>();
    expect(some.recordings.map(({ status }) => status).sort()).toEqual(['ok', 'ok', 'unusable']);
    expect(some.duplicates).toHaveLength(1);
    expect(some.labelProblems).toHaveLength(1);
    expect(refusal(await bench.run('import', '--study', dir, bench.path('gone'), '--json')).code).toBe(
      'not-found',
    );
    expect(
      refusal(
        await bench.run(
          'import',
          '--study',
          dir,
          bench.path('archive'),
          '--labels',
          bench.path('gone.csv'),
          '--json',
        ),
      ).code,
    ).toBe('not-found');
  });
});

const canMount = tryMount();
describe.skipIf(!canMount)(
  `a full or read-only disk${canMount ? '' : ' (no small file system can be mounted here)'}`,
  () => {
    let dir: string;
    beforeAll(() => {
      dir = mountSmall();
    });
    afterAll(() => unmount(dir));

    it('says the disk is full, and goes on from there when it is not', async () => {
      const words = ['sample', '--study', join(dir, 'study'), '--size', 'tiny', '--json', '--quiet'];
      expect(refusal(await bench.run(...words)).code).toBe('disk-full');
      spawnSync('mount', ['-o', 'remount,size=64m', dir]);
      const done = await bench.run(...words);
      expect(done.status).toBe(0);
      expect(done.json<{ recordings: object[] }>().recordings).toHaveLength(8);
    });

    it('says the disk is full when segments do not fit, leaves nothing half-made, and goes on', async () => {
      spawnSync('mount', ['-o', `remount,size=${usedKb(dir) + 1024}k`, dir]);
      const words = ['prepare', '--study', join(dir, 'study'), '--json', '--quiet'];
      expect(refusal(await bench.run(...words)).code).toBe('disk-full');
      expect(existsSync(join(dir, 'study', 'artifacts', 'segments'))).toBe(false);
      spawnSync('mount', ['-o', 'remount,size=96m', dir]);
      expect((await bench.run(...words)).json()).toMatchObject({ hash: made['prepare']!.json()['hash'] });
    });

    it('leaves no part of a file that does not fit', async () => {
      spawnSync('mount', ['-o', `remount,size=${usedKb(dir) + 8}k`, dir]);
      const [recording] = made['sample']!.json<{ recordings: { path: string }[] }>().recordings;
      const out = join(dir, 'window.npy');
      expect(refusal(await bench.run('read', recording!.path, '--out', out, '--json')).code).toBe(
        'disk-full',
      );
      expect(readdirSync(dir)).toEqual(['study']);
    });

    it('says the disk is full when not even the catalog can be written, and the study is whole after', async () => {
      writeFileSync(join(dir, 'rest'), '');
      spawnSync('dd', ['if=/dev/zero', `of=${join(dir, 'rest')}`, 'bs=1k']);
      const words = ['distill', '--study', join(dir, 'study'), '--json', '--quiet', ...lines['distill']!];
      expect(refusal(await bench.run(...words)).code).toBe('disk-full');
      rmSync(join(dir, 'rest'));
      expect((await bench.run('audit', '--study', join(dir, 'study'), '--json')).json()).toMatchObject({
        firstBroken: null,
      });
    });

    it('says when a study cannot be written', async () => {
      spawnSync('mount', ['-o', 'remount,ro', dir]);
      for (const name of ['study', 'another'])
        expect(refusal(await bench.run('jobs', '--study', join(dir, name), '--json')).code, name).toBe(
          'read-only',
        );
    });
  },
);

/** Whether this user may mount; leaves nothing behind, since tests that are left out clean up nothing. */
function tryMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const dir = mkdtempSync(join(tmpdir(), 'limbeck-small-'));
  const { status } = mount(dir);
  unmount(dir);
  return status === 0;
}

/** A folder of one megabyte. */
function mountSmall(): string {
  const dir = mkdtempSync(join(tmpdir(), 'limbeck-small-'));
  expect(mount(dir).status).toBe(0);
  return dir;
}

function mount(dir: string) {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir]);
}

function unmount(dir: string): void {
  spawnSync('umount', [dir]);
  rmSync(dir, { recursive: true, force: true });
}

function usedKb(dir: string): number {
  const { stdout } = spawnSync('df', ['-k', '--output=used', dir], { encoding: 'utf8' });
  return Number(stdout.trim().split('\n').at(-1));
}

/** Two at a time: the machine of a test has few cores. */
async function inTurns<In, Out>(items: readonly In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at]!);
    }
  };
  await Promise.all([lane(), lane()]);
  return results;
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .sort()
    .map((name) => (statSync(join(folder, name)).isFile() ? `${name} ${sha256(join(folder, name))}` : name));
}
