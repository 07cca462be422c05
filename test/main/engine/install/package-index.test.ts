import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bindingArchive, headersArchive, type Archive } from '#main/engine/install/archives.ts';
import { addressOf, configuredSources, linkIn } from '#main/engine/install/package-index.ts';

const home = mkdtempSync(join(tmpdir(), 'limbeck-home-'));
const wheel: Archive = {
  ...headersArchive,
  from: 'python',
  project: 'thing',
  file: 'thing-1+cpu-py3-none-any.whl',
};
const server = createServer((request, response) => {
  if (request.url === '/simple/thing/')
    response.end(
      '<a href="../../files/thing-0.whl#sha256=0">a</a>\n<a data-x="1" href="../../files/thing-1%2Bcpu-py3-none-any.whl#sha256=1">b</a>',
    );
  else response.writeHead(404).end();
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(home, { recursive: true });
});

describe('package indexes', () => {
  it('are found as pip and npm are set, environment first', () => {
    expect(configuredSources({}, join(home, 'none'))).toMatchObject({ npm: undefined });
    mkdirSync(join(home, '.config', 'pip'), { recursive: true });
    writeFileSync(
      join(home, '.config', 'pip', 'pip.conf'),
      '[global]\nindex-url = https://mirror.test/simple\n',
    );
    writeFileSync(join(home, '.npmrc'), 'save=true\nregistry=https://npm.test/\n');
    expect(configuredSources({}, home)).toEqual({
      python: 'https://mirror.test/simple',
      npm: 'https://npm.test/',
    });
    const env = { PIP_INDEX_URL: 'https://env.test/simple', npm_config_registry: 'https://env.test/npm' };
    expect(configuredSources(env, home)).toEqual({
      python: 'https://env.test/simple',
      npm: 'https://env.test/npm',
    });
  });

  it('give the address of the file asked for', async () => {
    expect(await addressOf(wheel, `${base}/simple`)).toBe(`${base}/files/thing-1%2Bcpu-py3-none-any.whl`);
    expect(await addressOf(bindingArchive, 'https://npm.test')).toBe(
      'https://npm.test/@tensorflow/tfjs-node-gpu/-/tfjs-node-gpu-4.22.0.tgz',
    );
  });

  it('are named with what is wrong', async () => {
    await expect(addressOf({ ...wheel, file: 'thing-2.whl' }, `${base}/simple`)).rejects.toThrow(
      /does not list thing-2\.whl/,
    );
    await expect(addressOf({ ...wheel, project: 'else' }, `${base}/simple/`)).rejects.toThrow(/answers 404/);
    await expect(addressOf(wheel, 'http://127.0.0.1:9/simple')).rejects.toThrow(/cannot be reached/);
  });

  it('are read with entities and queries in their links', () => {
    expect(linkIn(`<a href='/f/a-1.whl?x=1&amp;y=2#sha256=3'>`, 'a-1.whl')).toBe('/f/a-1.whl?x=1&y=2');
    expect(linkIn('<a href="/f/ba-1.whl">', 'a-1.whl')).toBeUndefined();
  });
});
