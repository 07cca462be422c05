/** The Python loader that lies in every export, read from the resources that ship with the application. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '#shared/errors.ts';

export const loaderName = 'load_limbeck.py';

/** Looks upwards from this file, so that sources and bundles find the same resources folder. */
export async function loaderText(): Promise<string> {
  for (let dir = dirname(fileURLToPath(import.meta.url)); ; dir = dirname(dir)) {
    const path = join(dir, 'resources', 'loaders', loaderName);
    if (existsSync(path)) return readFile(path, 'utf8');
    if (dirname(dir) === dir)
      throw new AppError(
        'internal',
        `The file ${loaderName} is missing from the installation; install it again.`,
      );
  }
}
