import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { readTarball } from '#main/engine/install/tar-members.ts';

const folder = mkdtempSync(join(tmpdir(), 'limbeck-tar-'));
afterAll(() => rmSync(folder, { recursive: true }));

function entry(path: string, content: string, type = '0'): Buffer {
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write(content.length.toString(8).padStart(11, '0'), 124);
  header.write(type, 156);
  const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
  body.write(content);
  return Buffer.concat([header, body]);
}

function tarball(name: string, bytes: Buffer): string {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

describe('npm tarballs', () => {
  it('give their files by the path inside the package', async () => {
    const long = 'b'.repeat(1500);
    const tar = Buffer.concat([
      entry('package/dist/', '', '5'),
      entry('package/dist/a.js', 'a'),
      entry('package/b.cc', long),
      Buffer.alloc(1024),
    ]);
    const files = await readTarball(tarball('good.tgz', gzipSync(tar)));
    expect([...files.keys()]).toEqual(['dist/a.js', 'b.cc']);
    expect(files.get('dist/a.js')!.toString()).toBe('a');
    expect(files.get('b.cc')!.toString()).toBe(long);
  });

  it('are refused when cut or something else', async () => {
    const whole = gzipSync(entry('package/a', 'x'.repeat(2000)));
    for (const bytes of [whole.subarray(0, 40), gzipSync(Buffer.alloc(1024)), Buffer.from('<html>')])
      await expect(readTarball(tarball('bad.tgz', bytes))).rejects.toMatchObject({ code: 'damaged-file' });
    const cutInside = gzipSync(entry('package/a', 'x'.repeat(2000)).subarray(0, 1024));
    await expect(readTarball(tarball('cut.tgz', cutInside))).rejects.toThrow(/cut\.tgz is damaged/);
  });
});
