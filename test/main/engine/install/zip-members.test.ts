import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { listZip, unzip } from '#main/engine/install/zip-members.ts';

const folder = mkdtempSync(join(tmpdir(), 'limbeck-zip-'));
afterAll(() => rmSync(folder, { recursive: true }));

const long = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * i) >> 7);
const members = {
  'lib/long.so': long,
  'lib/stored.so': [new Uint8Array([1, 2, 3]), { level: 0 as const }] as [Uint8Array, { level: 0 }],
  'lib/empty': new Uint8Array(),
  'other/left': new Uint8Array([9]),
};

function zipped(name: string, change: (bytes: Buffer) => Buffer = (bytes) => bytes, comment = ''): string {
  const file = join(folder, name);
  writeFileSync(file, change(Buffer.from(zipSync(members, { level: 6, comment }))));
  return file;
}

describe('zip archives', () => {
  it('give the members asked for, whole, and no others', async () => {
    const file = zipped('good.zip');
    const out = join(folder, 'good');
    let bytes = 0;
    const written = await unzip(file, (name) => (name.startsWith('lib/') ? join(out, name) : undefined), {
      onBytes: (more) => (bytes += more),
    });
    expect(written.map((path) => path.slice(out.length + 1)).sort()).toEqual([
      'lib/empty',
      'lib/long.so',
      'lib/stored.so',
    ]);
    expect(readFileSync(join(out, 'lib/long.so')).equals(Buffer.from(long))).toBe(true);
    expect([...readFileSync(join(out, 'lib/stored.so'))]).toEqual([1, 2, 3]);
    expect(readFileSync(join(out, 'lib/empty'))).toHaveLength(0);
    expect(bytes).toBe(long.length + 3);
  });

  it('are listed behind a comment of any length', async () => {
    const file = zipped('comment.zip', undefined, 'x'.repeat(60_000));
    expect((await listZip(file)).map(({ name }) => name)).toEqual(Object.keys(members));
  });

  it('are refused when cut, altered or something else', async () => {
    const cut = zipped('cut.zip', (bytes) => bytes.subarray(0, 5000));
    await expect(listZip(cut)).rejects.toMatchObject({ code: 'damaged-file' });
    const altered = zipped('altered.zip', (bytes) => {
      bytes[2000]! ^= 0x10;
      return bytes;
    });
    await expect(unzip(altered, (name) => join(folder, 'altered', name))).rejects.toThrow(
      /altered\.zip is damaged.*fetch it again/s,
    );
    const page = join(folder, 'page.zip');
    writeFileSync(page, '<html>Sign in</html>');
    await expect(listZip(page)).rejects.toThrow(/no zip archive/);
  });

  it('stop unpacking when told to', async () => {
    const file = zipped('stopped.zip');
    const stop = new AbortController();
    const unpacking = unzip(file, (name) => join(folder, 'stopped', name), {
      onBytes: () => stop.abort(),
      signal: stop.signal,
    });
    await expect(unpacking).rejects.toMatchObject({ name: 'AbortError' });
  });
});
