/** Makes a folder and those above it, one after another. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { AppError } from '#shared/errors.ts';

/**
 * Node's own recursive mkdir never ends where a file system says of a folder that is there that it is not: /proc, or a share
 * whose server is away.
 *
 * @throws AppError 'not-found' | 'read-only' | 'disk-full' | 'conflict' naming the path
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.push(at);
  try {
    for (const each of missing.reverse()) mkdirSync(each);
  } catch (error) {
    // Another process may have made it in this moment.
    if (!existsSync(resolve(path))) throw AppError.from(error);
  }
}
