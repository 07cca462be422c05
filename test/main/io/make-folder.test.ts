import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder } from '#main/io/make-folder.ts';
import { temporaryFolder } from '../../make/edf-files.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => (folder = temporaryFolder()));
afterAll(() => folder[Symbol.dispose]());

describe('a new folder', () => {
  it('is made with those above it, and left alone when it is there', () => {
    const path = join(folder.path, 'a', 'b', 'c');
    makeFolder(path);
    makeFolder(path);
    expect(statSync(path).isDirectory()).toBe(true);
  });

  it('is refused below a file', () => {
    writeFileSync(join(folder.path, 'file'), '');
    expect(() => makeFolder(join(folder.path, 'file', 'below'))).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
  });

  it.skipIf(!existsSync('/proc/self'))('is refused where nothing can be made (skipped without /proc)', () => {
    expect(() => makeFolder('/proc/limbeck/below')).toThrow(
      expect.objectContaining({ code: 'not-found', message: expect.stringContaining('/proc/limbeck') }),
    );
  });
});
