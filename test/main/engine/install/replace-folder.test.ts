import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { previousFolder } from '#main/engine/install/installed-engine.ts';
import {
  removeLeftovers,
  replaceFolder,
  undoHalfReplaced,
  workName,
} from '#main/engine/install/replace-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'limbeck-replace-'));
afterAll(() => rmSync(root, { recursive: true }));

function make(path: string, text: string): string {
  mkdirSync(join(path, 'inner'), { recursive: true });
  writeFileSync(join(path, 'inner', 'file'), text);
  return path;
}
const read = (path: string) => readFileSync(join(path, 'inner', 'file'), 'utf8');

describe('a finished folder', () => {
  it('takes its place, first or in place of another', async () => {
    const place = join(root, 'engine');
    await replaceFolder(make(join(root, 'new1'), 'one'), place);
    expect(read(place)).toBe('one');
    await replaceFolder(make(join(root, 'new2'), 'two'), place);
    expect(read(place)).toBe('two');
    expect(existsSync(previousFolder(place))).toBe(false);
  });

  it('gives way to the one before when the power went in between', async () => {
    const place = join(root, 'cut');
    make(previousFolder(place), 'before');
    await undoHalfReplaced(place);
    expect(read(place)).toBe('before');
    make(previousFolder(place), 'older');
    await undoHalfReplaced(place);
    expect(read(place)).toBe('before');
  });

  it('finds nothing left of installations that died, and none beside one that lives', async () => {
    const place = join(root, 'left');
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
    try {
      make(workName(place, 2 ** 22 + 1), 'dead');
      expect(await removeLeftovers(place)).toBe(1);
      make(workName(place, child.pid), 'alive');
      await expect(removeLeftovers(place)).rejects.toMatchObject({ code: 'locked' });
      expect(read(workName(place, child.pid))).toBe('alive');
    } finally {
      child.kill();
    }
  });
});
