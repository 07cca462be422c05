import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { downloadEngine, installEngine } from '#main/engine/install/install-engine.ts';
import { engineFolder, engineRoot, installedEngine } from '#main/engine/install/installed-engine.ts';
import { checkMachine, readMachine } from '#main/engine/install/machine.ts';

const scratch = mkdtempSync(join(tmpdir(), 'limbeck-install-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const record = {
  tensorflow: '2.20.0',
  platform: 'linux-x64',
  gpu: false,
  recipe: 'an older one',
  bytes: 5,
  installedAt: '2026-01-01T00:00:00.000Z',
};

function rootWithEngine(name: string): string {
  const root = join(scratch, name);
  mkdirSync(engineFolder(root), { recursive: true });
  writeFileSync(join(engineFolder(root), 'engine.json'), JSON.stringify(record));
  return root;
}

const fits = (() => {
  try {
    checkMachine(readMachine(), false);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
})();

describe('the place of the engine', () => {
  it('is the named one, else the folder where programs keep data', () => {
    expect(engineRoot({ LIMBECK_ENGINE_DIR: '/e' })).toBe('/e');
    expect(engineRoot({ XDG_DATA_HOME: '/data' }, 'linux')).toBe(join('/data', 'limbeck', 'engine'));
    expect(engineRoot({ LOCALAPPDATA: 'L' }, 'win32')).toBe(join('L', 'Limbeck', 'engine'));
    expect(engineRoot({}, 'darwin')).toContain('Application Support');
  });

  it('tells what is installed there, nothing, or that its record is damaged', () => {
    const root = rootWithEngine('told');
    expect(installedEngine(root)).toEqual({ folder: engineFolder(root), ...record });
    expect(installedEngine(join(scratch, 'nowhere'))).toBeUndefined();
    for (const text of ['{', 'null', '{"tensorflow": 2}']) {
      writeFileSync(join(engineFolder(root), 'engine.json'), text);
      expect(() => installedEngine(root)).toThrow(/install the engine again/);
    }
  });
});

describe.skipIf(fits !== '')(`an installation that fails (skipped where no engine fits: ${fits})`, () => {
  const attempt = (root: string, more: object, signal?: AbortSignal) =>
    installEngine({ root, prebuilt: import.meta.filename, ...more }, undefined, signal);

  it('leaves the engine before as it was, and nothing else', async () => {
    const root = rootWithEngine('kept');
    const empty = join(scratch, 'empty');
    mkdirSync(empty);
    await expect(attempt(root, { from: empty })).rejects.toMatchObject({ code: 'not-found' });
    await expect(attempt(root, { from: empty, prebuilt: '/no/binding' })).rejects.toThrow(/--prebuilt/);
    await expect(attempt(root, { index: 'http://127.0.0.1:9/simple' })).rejects.toThrow(/cannot be reached/);
    await expect(attempt(root, { from: empty }, AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(installedEngine(root)).toEqual({ folder: engineFolder(root), ...record });
    expect(readdirSync(root).filter((name) => name.includes('installing'))).toEqual([]);
  });

  it('refuses a second one at the same time', async () => {
    const root = rootWithEngine('twice');
    const first = attempt(root, { from: join(scratch, 'absent') });
    await expect(attempt(root, {})).rejects.toMatchObject({ code: 'locked' });
    await expect(first).rejects.toMatchObject({ code: 'not-found' });
  });

  it('has no compiler and says how to get one', () => {
    const root = rootWithEngine('bare');
    const module = new URL('../../../../src-main/engine/install/build-binding.ts', import.meta.url).href;
    const script = `import { findCompiler, noCompiler } from '${module}';
      const found = await findCompiler({ PATH: '${root}' });
      console.log(found === undefined ? noCompiler('linux-x64').message : found);
      await findCompiler({ PATH: '${root}', CXX: 'my-c++' }).catch((error) => console.log(error.message));`;
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    expect(printed).toMatch(/sudo apt install g\+\+.*--prebuilt limbeck-tensorflow-linux-x64\.node/);
    expect(printed).toMatch(/my-c\+\+ that CXX names does not run/);
  });

  it('tells for which computers there are engines', async () => {
    const folder = join(scratch, 'for');
    await expect(downloadEngine({ folder, platform: 'win32-x64' })).rejects.toThrow(/linux-x64, linux-arm64/);
    await expect(downloadEngine({ folder, platform: 'darwin-arm64', gpu: true })).rejects.toThrow(
      /linux-x64 only/,
    );
    expect(existsSync(folder)).toBe(false);
  });
});
