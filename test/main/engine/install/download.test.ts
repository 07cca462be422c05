import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Archive } from '#main/engine/install/archives.ts';
import { download } from '#main/engine/install/download.ts';

const content = Buffer.from(Uint8Array.from({ length: 400_000 }, (_, i) => (i * 31) % 251));
const archive: Archive = {
  from: 'python',
  project: 'thing',
  version: '1',
  file: 'thing-1.whl',
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
  unpacked: 1,
};

let answer: (request: IncomingMessage, response: ServerResponse) => void;
let ranges: (string | undefined)[] = [];
const server = createServer((request, response) => {
  ranges.push(request.headers.range);
  answer(request, response);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const url = `http://127.0.0.1:${port}/thing-1.whl`;
const folder = mkdtempSync(join(tmpdir(), 'limbeck-download-'));
const file = join(folder, archive.file);
const part = `${file}.part`;
const quick = { pauseMs: 1 };

afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  ranges = [];
  rmSync(file, { force: true });
  rmSync(part, { force: true });
});

/** Sends what was asked for, but breaks the connection after so many bytes. */
function serve(atOnce: number, honoursRange = true) {
  return (request: IncomingMessage, response: ServerResponse) => {
    const from = honoursRange ? Number(/\d+/.exec(request.headers.range ?? '0')![0]) : 0;
    const rest = content.subarray(from);
    const head = { 'content-length': rest.length };
    if (from > 0)
      response.writeHead(206, {
        ...head,
        'content-range': `bytes ${from}-${content.length - 1}/${content.length}`,
      });
    else response.writeHead(200, head);
    response.write(rest.subarray(0, atOnce), () => {
      if (atOnce < rest.length) setTimeout(() => response.destroy(), 10);
      else response.end();
    });
  };
}

describe('a download', () => {
  it('goes on where a broken connection left off, however often it breaks', async () => {
    answer = serve(90_000);
    const told: number[] = [];
    await download(url, archive, file, { ...quick, tries: 50, onBytes: (bytes) => told.push(bytes) });
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(existsSync(part)).toBe(false);
    expect(ranges.length).toBeGreaterThanOrEqual(5);
    expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range!))).toBe(true);
    expect(told.at(-1)).toBe(content.length);
  });

  it('goes on with what an earlier process left', async () => {
    writeFileSync(part, content.subarray(0, 150_000));
    answer = serve(content.length);
    await download(url, archive, file, quick);
    expect(ranges).toEqual(['bytes=150000-']);
    expect(readFileSync(file).equals(content)).toBe(true);
  });

  it('begins again where the server cannot go on', async () => {
    writeFileSync(part, content.subarray(0, 150_000));
    answer = serve(content.length, false);
    await download(url, archive, file, quick);
    expect(readFileSync(file).equals(content)).toBe(true);
  });

  it('throws away what is not the recorded file', async () => {
    answer = (_request, response) => response.end(Buffer.alloc(content.length));
    await expect(download(url, archive, file, quick)).rejects.toMatchObject({ code: 'not-verified' });
    answer = (_request, response) => response.end(Buffer.alloc(content.length + 1));
    await expect(download(url, archive, file, quick)).rejects.toThrow(/larger than the recorded/);
    expect(existsSync(file)).toBe(false);
  });

  it('says at once that an address is not there', async () => {
    answer = (_request, response) => response.writeHead(404).end();
    await expect(download(url, archive, file, quick)).rejects.toThrow(/is not there \(answer 404\)/);
    expect(ranges).toHaveLength(1);
  });

  it('gives up after some tries that bring nothing, with the way out', async () => {
    answer = (_request, response) => response.destroy();
    await expect(download(url, archive, file, { ...quick, tries: 3 })).rejects.toThrow(
      /Check the network or proxy.*--download-only FOLDER.*--from FOLDER/s,
    );
    expect(ranges).toHaveLength(3);
  });

  it('takes a silent connection for a broken one', async () => {
    answer = (_request, response) => response.writeHead(200).write('x');
    await expect(download(url, archive, file, { ...quick, tries: 2, silenceMs: 30 })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('keeps what came when it is stopped', async () => {
    const stop = new AbortController();
    answer = (_request, response) => {
      response.writeHead(200).write(content.subarray(0, 100_000));
    };
    const onBytes = (bytes: number) => bytes >= 100_000 && stop.abort();
    await expect(
      download(url, archive, file, { ...quick, onBytes, signal: stop.signal }),
    ).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(statSync(part).size).toBe(100_000);
  });
});
