import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEdf, temporaryFolder } from '../../make/edf-files.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Runs a module's text beside the bundle in plain Node, without TypeScript; resolves with the JSON it printed. */
async function inNode(bundle: string, text: string, ...words: string[]): Promise<unknown> {
  const file = join(bundle, 'asked.js');
  writeFileSync(file, text);
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-strip-types', file, ...words]);
  return JSON.parse(stdout);
}

describe('the release bundle', () => {
  let bundle = '';
  beforeAll(async () => {
    // Inside the repository, where its packages and resources are found as in an installation: two folders below.
    mkdirSync(join(root, 'build'), { recursive: true });
    bundle = mkdtempSync(join(root, 'build', 'test-'));
    const configFile = join(root, 'vite.main.config.ts');
    await build({ configFile, logLevel: 'error', build: { outDir: bundle } });
    await build({
      configFile,
      logLevel: 'error',
      mode: 'preload',
      build: { outDir: bundle, emptyOutDir: false },
    });
  });
  afterAll(() => rmSync(bundle, { recursive: true, force: true }));

  it('has everything that is started as a process or thread, and no TypeScript', () => {
    const files = readdirSync(bundle, { recursive: true, encoding: 'utf8' });
    for (const name of ['electron-main.js', 'worker.js', 'jobs/probe-engines.js', 'jobs/parallel-worker.js'])
      expect(existsSync(join(bundle, 'src-main', name)), name).toBe(true);
    expect(files.filter((name) => name.endsWith('.ts'))).toEqual([]);
    const migrations = (folder: string) => readdirSync(join(folder, 'src-main/catalog/migrations')).sort();
    expect(migrations(bundle)).toEqual(migrations(root));
  });

  it('leaves no import behind that Node cannot resolve', () => {
    const files = readdirSync(bundle, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.c?js$/.test(name),
    );
    const texts = files.map((name) => readFileSync(join(bundle, name), 'utf8')).join('\n');
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: object;
    };
    const packages = [...texts.matchAll(/^import .*?from "([^."][^"]*)"/gm)].map(([, name]) => name!);
    const allowed = [...Object.keys(dependencies), 'electron'];
    const foreign = packages.filter(
      (name) =>
        !name.startsWith('node:') && !allowed.some((each) => name === each || name.startsWith(`${each}/`)),
    );
    expect(foreign).toEqual([]);
    expect(texts).not.toMatch(/from "#/);
  });

  it('has a bridge in one CommonJS file that needs Electron only', () => {
    const text = readFileSync(join(bundle, 'preload.cjs'), 'utf8');
    expect([...text.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name)).toEqual(['electron']);
    expect(text).not.toMatch(/^import /m);
    expect(text).toContain('exposeInMainWorld("limbeckHost"');
  });

  it('tests the engines in a process of its own', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--no-strip-types',
      join(bundle, 'src-main/jobs/probe-engines.js'),
    ]);
    const engines = JSON.parse(stdout) as { name: string; works: boolean; reason: string }[];
    expect(engines.find(({ name }) => name === 'wasm')).toMatchObject({ works: true, reason: '' });
  });

  it('opens a study and runs a job in its own worker', async () => {
    using folder = temporaryFolder();
    await makeEdf(join(folder.path, 'a.edf'));
    const seen = await inNode(
      bundle,
      `const folder = process.argv[2];
       process.env.LIMBECK_SETTINGS = folder + '/settings';
       const { createApp } = await import('./src-main/app.js');
       const app = createApp({ host: 'web' });
       await app.studies.openAt(folder + '/study');
       const { queue, catalog } = app.studies.current();
       const { id } = queue.add({ kind: 'import', paths: [folder + '/a.edf'], dataset: '', labels: '' });
       while (!['done', 'failed', 'interrupted'].includes(queue.get(id).status)) await new Promise((next) => setTimeout(next, 20));
       const { status, error } = queue.get(id);
       const answer = { status, error, recordings: catalog.recordings.list().length };
       await app.close();
       process.stdout.write(JSON.stringify(answer), () => process.exit(0));`,
      folder.path,
    );
    expect(seen).toEqual({ status: 'done', error: null, recordings: 1 });
  });

  it('selects in threads of its own and finds the loader for exports', async () => {
    const seen = await inNode(
      bundle,
      `const { openThreads } = await import('./src-main/jobs/parallel.js');
       const { kCenter } = await import('./src-main/distillation/selection/k-center.js');
       const { loaderText } = await import('./src-main/export/loader.js');
       const x = Float32Array.from({ length: 400 }, (_, i) => (i * 37) % 101);
       const parallel = openThreads(2);
       const threaded = await kCenter(x, 2, { k: 7, parallel });
       const alone = await kCenter(x, 2, { k: 7 });
       await parallel[Symbol.asyncDispose]();
       const answer = { threaded: [...threaded.order], alone: [...alone.order], loader: (await loaderText()).length };
       process.stdout.write(JSON.stringify(answer), () => process.exit(0));`,
    );
    const { threaded, alone, loader } = seen as { threaded: number[]; alone: number[]; loader: number };
    expect(threaded).toHaveLength(7);
    expect(threaded).toEqual(alone);
    expect(loader).toBeGreaterThan(500);
  });

  it('is what package.json and the installer start', () => {
    const { main } = createRequire(import.meta.url)(join(root, 'package.json')) as { main: string };
    expect(main).toBe('build/main/src-main/electron-main.js');
    expect(existsSync(join(bundle, main.replace('build/main/', '')))).toBe(true);
  });
});
