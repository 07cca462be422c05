/** Where a Chromium is that the page can be walked in: LIMBECK_CHROMIUM, or the first one on the path. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

/** Null where there is none; the tests that need one then say so and are left out. */
export function findChromium(): string | null {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];
  const candidates = [
    process.env['LIMBECK_CHROMIUM'] ?? '',
    ...(process.env['PATH'] ?? '').split(delimiter).flatMap((dir) => names.map((name) => join(dir, name))),
  ];
  return candidates.find((path) => path !== '' && canRun(path)) ?? null;
}

export function launchChromium(executablePath: string): Promise<Browser> {
  // Chromium refuses its sandbox to root.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes((error as { code?: string }).code ?? '')) return false;
    throw error;
  }
}
