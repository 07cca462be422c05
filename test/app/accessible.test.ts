import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { jobInput } from '#shared/job-input.ts';
import { createApp, type App } from '#main/app.ts';
import { forkJob } from '#main/jobs/runner.ts';
import { SettingsFile } from '#main/settings.ts';
import { serveWeb, type WebHost } from '#main/web.ts';
import { places } from '#renderer/places.ts';
import { outOfReach, unheard, withoutTable } from './accessible.ts';
import { findChromium, launchChromium } from './chromium.ts';

const program = findChromium();
const source = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
let app: App;
let host: WebHost;
let browser: Browser;
let page: Page;
/** Every screen, by its address. */
let screens: string[];

describe.skipIf(program === null)(
  `the screens for those who cannot see them, or not all${program === null ? ' (no Chromium on the path)' : ''}`,
  () => {
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'limbeck-accessible-'));
      const pageDir = join(folder, 'page');
      await build({
        configFile: join(source, 'vite.config.ts'),
        logLevel: 'error',
        build: { outDir: pageDir, minify: false },
      });
      app = createApp({
        host: 'web',
        startJob: (order, listener) => forkJob({ ...order, engine: 'wasm' }, listener),
        pageDir,
        settings: new SettingsFile(join(folder, 'settings')),
      });
      cpSync(inject('prepared').study, join(folder, 'study'), { recursive: true });
      await app.studies.openAt(join(folder, 'study'));
      screens = allScreens(app);
      host = await serveWeb(app);
      browser = await launchChromium(program!);
      page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
      await page.goto(host.url);
      await page.locator('main h1').waitFor();
    });
    afterAll(async () => {
      await browser?.close();
      await host?.close();
      await app?.close();
      if (folder) rmSync(folder, { recursive: true, force: true });
    });

    it('name every control, picture and table, put headings in order, and give each plot as a table', async () => {
      const wrong: Record<string, string[]> = {};
      for (const screen of [...screens, '/nowhere/at/all']) {
        await go(screen);
        const found = [...(await unheard(page)), ...(await withoutTable(page))];
        if (found.length > 0) wrong[screen] = found;
      }
      expect(wrong).toEqual({});
    });

    it('keep what can be done within reach at 200 % zoom', async () => {
      await page.setViewportSize({ width: 720, height: 450 });
      const wrong: Record<string, string[]> = {};
      for (const screen of screens) {
        await go(screen);
        const found = await outOfReach(page);
        if (found.length > 0) wrong[screen] = found;
      }
      await page.setViewportSize({ width: 1440, height: 900 });
      expect(wrong).toEqual({});
    });

    it('keep the focus inside a dialog and give it back at the end', async () => {
      await go('/export');
      await visit(page.getByRole('button', { name: 'Choose…' }));
      await visit(page.getByRole('button', { name: 'Keys of this screen' }));
      await visit(page.getByRole('button', { name: /run a command/ }));
    });

    it('say each phase of a job while it runs', async () => {
      await go('/runs');
      const heard = page.evaluate(
        () =>
          new Promise<string[]>((resolve) => {
            const said: string[] = [];
            const region = document.querySelector('p[role="status"].unseen');
            new MutationObserver(() => {
              said.push(region?.textContent ?? '');
              if (/: done\.$/.test(said.at(-1) ?? '')) resolve(said);
            }).observe(region!, { childList: true, characterData: true, subtree: true });
          }),
      );
      app.studies.current().queue.add(jobInput.parse({ kind: 'prepare', params: { windowS: 2 } }));
      const said = await heard;
      expect(said.some((sentence) => /phase 1 of \d/.test(sentence))).toBe(true);
    });
  },
);

/** One of each kind of screen. */
function allScreens({ studies }: App): string[] {
  const { queue, catalog } = studies.current();
  const recording = catalog.recordings.list()[0]!.id;
  const made = new Map(queue.list().map(({ kind, artifact, id }) => [kind, { artifact, id }]));
  return [
    '/',
    ...places.map(({ path }) => path),
    '/settings/engine',
    '/help/words',
    `/recordings/${recording}`,
    '/recordings/add',
    `/viewer/${recording}`,
    '/distil/new',
    `/distil/${made.get('distill')?.artifact}`,
    '/pretrain/new',
    `/pretrain/${made.get('pretrain')?.artifact}`,
    '/calibrate/new',
    `/calibrate/${made.get('finetune')?.artifact}`,
    `/calibrate/${made.get('calibrate')?.artifact}`,
    `/models/${made.get('calibrate')?.artifact}`,
    `/runs/${made.get('distill')?.id}`,
  ];
}

/** Waits until the screen is there and nothing more is asked for. */
async function go(path: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState({}, '', to);
    dispatchEvent(new PopStateEvent('popstate', { state: {} }));
  }, path);
  await page.locator('main h1').waitFor();
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        let seen = -1;
        const look = () => {
          const now = performance.getEntriesByType('resource').length;
          if (now === seen) resolve();
          else {
            seen = now;
            setTimeout(look, 60);
          }
        };
        look();
      }),
  );
}

/** Opens a dialog by keyboard, goes through it and out again. The page behind must never have the focus. */
async function visit(opener: Locator): Promise<void> {
  await opener.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  for (let step = 0; step < 12; step++) {
    await page.keyboard.press(step < 8 ? 'Tab' : 'Shift+Tab');
    const where = await page.evaluate(() =>
      document.activeElement === null || document.activeElement === document.body
        ? 'outside the page'
        : document.activeElement.closest('dialog[open]')
          ? 'in the dialog'
          : document.activeElement.outerHTML,
    );
    expect(['in the dialog', 'outside the page']).toContain(where);
  }
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  expect(await opener.evaluate((element) => element === document.activeElement)).toBe(true);
}
