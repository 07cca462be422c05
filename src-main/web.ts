/** The web host: the same application on 127.0.0.1 for any Chromium, guarded by a random token. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { App } from './app.ts';

export interface WebHost {
  /** With the token; open it as it is. */
  url: string;
  port: number;
  token: string;
  close(): Promise<void>;
}

/** @param port 0 picks a free one */
export async function serveWeb(app: Pick<App, 'fetch'>, port = 0): Promise<WebHost> {
  const token = randomBytes(24).toString('base64url');
  const server = createServer((request, response) => {
    const address = server.address();
    const own = typeof address === 'object' && address ? address.port : 0;
    answer(app, token, own, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(error instanceof Error ? error.message : 'failed');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const chosen = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://127.0.0.1:${chosen}/?token=${token}`,
    port: chosen,
    token,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  app: Pick<App, 'fetch'>,
  token: string,
  port: number,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const refusal = refuse(incoming, token, port);
  if (refusal) {
    outgoing.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' }).end(refusal);
    return;
  }
  const abort = new AbortController();
  outgoing.on('close', () => abort.abort());
  const hasBody = incoming.method !== 'GET' && incoming.method !== 'HEAD';
  const request = new Request(`http://127.0.0.1:${port}${incoming.url ?? '/'}`, {
    method: incoming.method ?? 'GET',
    headers: Object.entries(incoming.headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    ),
    signal: abort.signal,
    ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' } : {}),
  } as RequestInit);
  const response = await app.fetch(request);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (!response.body) {
    outgoing.end();
    return;
  }
  try {
    await pipeline(Readable.fromWeb(response.body as import('node:stream/web').ReadableStream), outgoing);
  } catch (error) {
    // The page left in the middle of a stream; that is how streams end.
    if (!abort.signal.aborted) throw error;
  }
}

/** Host against DNS rebinding, Origin against other pages, token against other users of this computer. Static files need no token. */
function refuse(request: IncomingMessage, token: string, port: number): string | null {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(request.headers.host ?? '')) return 'This address is served to 127.0.0.1 only.';
  const { origin } = request.headers;
  if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`))
    return 'Requests from other pages are refused.';
  if (!(request.url ?? '').startsWith('/api/')) return null;
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const same = given.length === token.length && timingSafeEqual(Buffer.from(given), Buffer.from(token));
  return same
    ? null
    : 'The token is missing or wrong. Open the address that was printed when Limbeck started.';
}
