import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveWeb, type WebHost } from '#main/web.ts';

describe('the web host', () => {
  let host: WebHost;
  const seen: Request[] = [];
  beforeAll(async () => {
    host = await serveWeb({
      async fetch(given) {
        seen.push(given);
        if (new URL(given.url).pathname === '/api/stream') {
          return new Response(
            new ReadableStream({
              pull(controller) {
                controller.enqueue(new TextEncoder().encode('tick '));
              },
            }),
          );
        }
        return new Response(`${given.method} ${await given.text()}`, { headers: { 'x-own': 'yes' } });
      },
    });
  });
  afterAll(() => host.close());

  const ask = (path: string, headers: Record<string, string>, body?: string) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const call = request(
        { host: '127.0.0.1', port: host.port, path, method: body === undefined ? 'GET' : 'POST', headers },
        (response) => {
          let text = '';
          response.on('data', (chunk) => (text += chunk));
          response.on('end', () => resolve({ status: response.statusCode!, text }));
        },
      );
      call.on('error', reject);
      call.end(body);
    });

  it('answers calls that carry the token', async () => {
    const answer = await ask('/api/x', { authorization: `Bearer ${host.token}` }, 'hello');
    expect(answer).toEqual({ status: 200, text: 'POST hello' });
  });

  it('gives the page without a token, since the page brings it', async () => {
    expect((await ask('/', {})).status).toBe(200);
  });

  it('refuses a missing or wrong token, another host, another origin', async () => {
    expect((await ask('/api/x', {})).status).toBe(403);
    expect((await ask('/api/x', { authorization: `Bearer ${'x'.repeat(host.token.length)}` })).status).toBe(
      403,
    );
    expect((await ask('/', { host: 'evil.example:80' })).status).toBe(403);
    expect(
      (await ask('/api/x', { authorization: `Bearer ${host.token}`, origin: 'http://evil.example' })).status,
    ).toBe(403);
    expect(
      (
        await ask('/api/x', {
          authorization: `Bearer ${host.token}`,
          origin: `http://127.0.0.1:${host.port}`,
        })
      ).status,
    ).toBe(200);
  });

  it('tells the handler when the page leaves a stream', async () => {
    const abort = new AbortController();
    const response = await fetch(`http://127.0.0.1:${host.port}/api/stream`, {
      headers: { authorization: `Bearer ${host.token}` },
      signal: abort.signal,
    });
    await response.body!.getReader().read();
    const handed = seen.at(-1)!;
    expect(handed.signal.aborted).toBe(false);
    abort.abort();
    await expect.poll(() => handed.signal.aborted).toBe(true);
  });

  it('makes a new token each time', async () => {
    const other = await serveWeb({ fetch: async () => new Response('') });
    expect(other.token).not.toBe(host.token);
    await other.close();
  });
});
