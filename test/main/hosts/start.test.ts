import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../make/edf-files.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const isLinux = process.platform === 'linux';
const electronPresent = existsSync(
  join(createRequire(import.meta.url).resolve('electron/package.json'), '..', 'dist'),
);

describe.skipIf(!isLinux)(
  'npm start (skipped: outside Linux every computer has a screen and a window would open)',
  () => {
    let child: ChildProcess | undefined;
    afterEach(() => child?.kill('SIGKILL'));

    function start(folder: string, words: string[], env: Record<string, string> = {}) {
      const { DISPLAY: _d, WAYLAND_DISPLAY: _w, ELECTRON: _e, ...others } = process.env;
      const started = spawn(process.execPath, [join(root, 'src-main/start.ts'), ...words], {
        cwd: folder,
        env: { ...others, LIMBECK_SETTINGS: join(folder, 'settings'), TMPDIR: folder, ...env },
      });
      child = started;
      const said = { out: '', error: '' };
      started.stdout.on('data', (chunk) => (said.out += String(chunk)));
      started.stderr.on('data', (chunk) => (said.error += String(chunk)));
      const ended = new Promise<number | null>((resolve) => started.on('exit', resolve));
      return { said, ended, stop: () => started.kill('SIGINT') };
    }

    /** A program that writes down what it was started with. */
    function program(folder: string, name: string): { path: string; words: () => string[] } {
      mkdirSync(join(folder, 'bin'), { recursive: true });
      const path = join(folder, 'bin', name);
      writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' "$@" > '${path}.words'\n`);
      chmodSync(path, 0o755);
      return { path, words: () => readFileSync(`${path}.words`, 'utf8').trim().split('\n') };
    }

    it('prints the address without a screen, serves page and calls behind the token, ends on SIGINT', async () => {
      using folder = temporaryFolder();
      const { said, ended, stop } = start(folder.path, ['study']);
      await expect.poll(() => said.out, { timeout: 50_000 }).toMatch(/Limbeck is at http:\S+\n/);
      const url = new URL(/http:\S+/.exec(said.out)![0]);
      expect(url.hostname).toBe('127.0.0.1');
      const page = await fetch(url);
      expect(page.status).toBe(200);
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(page.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
      expect(await page.text()).toContain('<script type="module"');
      const ask = (headers: Record<string, string>) =>
        fetch(new URL('/api/recordings/list', url), {
          method: 'POST',
          body: '{}',
          headers: { 'content-type': 'application/json', ...headers },
        });
      expect((await ask({})).status).toBe(403);
      const answer = await ask({ authorization: `Bearer ${url.searchParams.get('token')}` });
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain('recordings');
      // A relative study is one below the folder where the command was given.
      expect(existsSync(join(folder.path, 'study', 'study.sqlite'))).toBe(true);
      stop();
      expect(await ended).toBe(0);
      expect(said.error).toBe('');
      await expect(fetch(url)).rejects.toThrow();
    });

    it('says why a study cannot be opened, and ends', async () => {
      using folder = temporaryFolder();
      writeFileSync(join(folder.path, 'letter.txt'), '');
      const { said, ended } = start(folder.path, [folder.path]);
      expect(await ended).toBe(1);
      expect(said.error).toMatch(/holds other files and no study/);
    });

    it('hands Electron the application and the study, and ends with it', async () => {
      using folder = temporaryFolder();
      const electron = program(folder.path, 'electron');
      const { ended } = start(folder.path, ['study'], { DISPLAY: ':99', ELECTRON: electron.path });
      expect(await ended).toBe(0);
      expect(electron.words()).toEqual([root, join(folder.path, 'study')]);
      const { main } = createRequire(import.meta.url)(join(root, 'package.json')) as { main: string };
      expect(existsSync(join(root, main))).toBe(true);
      expect(existsSync(join(root, 'build/preload.cjs'))).toBe(true);
    });

    it.skipIf(electronPresent)(
      'opens a Chromium window where Electron is missing and ends with it (skipped: it is here)',
      async () => {
        using folder = temporaryFolder();
        const browser = program(folder.path, 'chromium');
        const path = `${join(folder.path, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`;
        const { said, ended } = start(folder.path, [], { DISPLAY: ':99', PATH: path });
        expect(await ended).toBe(0);
        const [address] = /http:\S+/.exec(said.out)!;
        expect(browser.words()).toContain(`--app=${address}`);
        const profile = browser.words().find((word) => word.startsWith('--user-data-dir='))!;
        expect(existsSync(profile.split('=')[1]!)).toBe(false);
      },
    );
  },
);
