import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Archive } from '#main/engine/install/archives.ts';
import { fetchInto, takeFrom } from '#main/engine/install/obtain.ts';

const folder = mkdtempSync(join(tmpdir(), 'limbeck-obtain-'));
afterAll(() => rmSync(folder, { recursive: true }));

const content = 'wheel'.repeat(100);
const archives = ['a.whl', 'b.whl'].map((file): Archive => ({
  from: 'python',
  project: file,
  version: '1',
  file,
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
  unpacked: 1,
}));
const put = (name: string, text: string) => writeFileSync(join(folder, name), text);
beforeEach(() => {
  put('a.whl', content);
  put('b.whl', content);
});

describe('archives from a folder', () => {
  it('are taken when each is the recorded one', async () => {
    const told: number[] = [];
    await takeFrom(folder, archives, { onBytes: (bytes) => told.push(bytes) });
    expect(told).toEqual([500, 1000]);
  });

  it('are all named when they are missing, with the line that fetches them', async () => {
    rmSync(join(folder, 'a.whl'));
    rmSync(join(folder, 'b.whl'));
    await expect(takeFrom(folder, archives)).rejects.toThrow(/a\.whl, b\.whl.*--download-only FOLDER/s);
    await expect(takeFrom(join(folder, 'none'), archives)).rejects.toThrow(/is not there/);
  });

  it('are told apart: incomplete, another, damaged', async () => {
    put('b.whl', content.slice(1));
    await expect(takeFrom(folder, archives)).rejects.toThrow(/b\.whl is incomplete: it has 499 of 500 bytes/);
    put('b.whl', `${content}x`);
    await expect(takeFrom(folder, archives)).rejects.toThrow(/another archive: it has 501 bytes/);
    put('b.whl', `${content.slice(1)}x`);
    await expect(takeFrom(folder, archives)).rejects.toMatchObject({
      code: 'not-verified',
      message: expect.stringMatching(/SHA-256 is not the recorded one. Copy it again/) as string,
    });
  });
});

describe('archives to fetch', () => {
  it('are left alone where they are whole', async () => {
    const notes: string[] = [];
    const told: number[] = [];
    await fetchInto(folder, archives, { onBytes: (b) => told.push(b), onNote: (text) => notes.push(text) });
    expect(notes).toEqual([]);
    expect(told.at(-1)).toBe(1000);
  });

  it('name the index that does not answer', async () => {
    rmSync(join(folder, 'b.whl'));
    await expect(fetchInto(folder, archives, { index: 'http://127.0.0.1:9/simple' })).rejects.toThrow(
      /127\.0\.0\.1:9\/simple.*cannot be reached/,
    );
  });
});
