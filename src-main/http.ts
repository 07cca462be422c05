/** Serves the built page with the headers that keep it honest: nothing from outside, nothing inline. */
import { readFile, stat } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const pageHeaders: Record<string, string> = {
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** A file of the page; any path without an ending is a route and gets the page itself. */
export async function servePage(directory: string, pathname: string): Promise<Response> {
  const relative = normalize(decodeURIComponent(pathname)).replace(/^[/\\]+/, '');
  const name = extname(relative) === '' ? 'index.html' : relative;
  const file = join(directory, name);
  const type = types[extname(file)];
  if (!file.startsWith(directory + sep) || !type)
    return new Response('Not found', { status: 404, headers: pageHeaders });
  const found = await stat(file).then(
    (info) => info.isFile(),
    () => false,
  );
  if (!found) {
    const text =
      name === 'index.html' ? 'The page is not built yet: run "npm run build" first.' : 'Not found';
    return new Response(text, {
      status: 404,
      headers: { ...pageHeaders, 'content-type': 'text/plain; charset=utf-8' },
    });
  }
  return new Response(new Uint8Array(await readFile(file)), {
    headers: {
      ...pageHeaders,
      'content-type': type,
      'cache-control': name.startsWith('assets') ? 'max-age=31536000, immutable' : 'no-cache',
    },
  });
}
