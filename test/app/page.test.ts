import {
  accessSync,
  constants,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { jobInput, type JobRequest } from '#shared/job-input.ts';
import type { JobKind } from '#shared/jobs.ts';
import { createApp, type App } from '#main/app.ts';
import { forkJob, type StartJob } from '#main/jobs/runner.ts';
import { SettingsFile } from '#main/settings.ts';
import { serveWeb, type WebHost } from '#main/web.ts';
import { places } from '#renderer/places.ts';
import { makeEdf, patch } from '../make/edf-files.ts';

const program = findChromium();
const source = fileURLToPath(new URL('../..', import.meta.url));
/** LIMBECK_PICTURES=DIR keeps a picture of every screen, in both themes. */
const pictures = process.env['LIMBECK_PICTURES'];

let folder: string;
let app: App;
let host: WebHost;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const made: Partial<Record<JobKind, string>> = {};
let recording: string;
/** Everything that must not happen, as it happens. */
const complaints: string[] = [];

describe.skipIf(program === null)(
  `the page in a real browser${program === null ? ' (no Chromium on the path)' : ''}`,
  () => {
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'limbeck-page-'));
      const pageDir = join(folder, 'page');
      await build({
        configFile: join(source, 'vite.config.ts'),
        logLevel: 'error',
        build: { outDir: pageDir },
      });
      const startJob: StartJob = (order, listener) => forkJob({ ...order, engine: 'wasm' }, listener);
      app = createApp({
        host: 'web',
        startJob,
        pageDir,
        settings: new SettingsFile(join(folder, 'settings')),
      });
      cpSync(inject('prepared').study, join(folder, 'study'), { recursive: true });
      await app.studies.openAt(join(folder, 'study'));
      // With everything a distillate may show: rejected segments, other ways beside it.
      await run({ kind: 'distill', params: { passes: 1, keep: 0.1, outliers: 0.03 } });
      for (const { kind, artifact } of app.studies.current().queue.list())
        if (artifact) made[kind] ??= artifact;
      recording = app.studies
        .current()
        .catalog.recordings.list()
        .find((each) => each.path.endsWith('F01_session1.edf'))!.id;
      host = await serveWeb(app);
      // Chromium refuses its sandbox to root.
      browser = await chromium.launch({
        executablePath: program!,
        args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
      });
      context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' });
    });
    afterAll(async () => {
      await browser?.close();
      await host?.close();
      await app?.close();
      if (folder) rmSync(folder, { recursive: true, force: true });
    });
    beforeEach(async () => {
      complaints.length = 0;
      page = await context.newPage();
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type()))
          complaints.push(`${message.type()}: ${message.text()}`);
      });
      page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
      page.on('requestfailed', (request) => {
        // A stream or a page of signal that is no longer wanted is given up on purpose.
        if (request.failure()?.errorText !== 'net::ERR_ABORTED')
          complaints.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
      });
      page.on('response', (response) => {
        if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`);
      });
      page.on('request', (request) => {
        const { protocol, origin } = new URL(request.url());
        if (protocol.startsWith('http') && origin !== `http://127.0.0.1:${host.port}`)
          complaints.push(`outside: ${request.url()}`);
      });
      await page.goto(host.url);
      await page.locator('main h1').waitFor();
    });
    afterEach(() => page.close());

    it('opens with the printed address, hides the token, and brings its policy along', async () => {
      expect(new URL(page.url()).search).toBe('');
      const answer = await context.request.get(`http://127.0.0.1:${host.port}/`);
      const policy = answer.headers()['content-security-policy'];
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe-inline|https?:/);
      expect(complaints).toEqual([]);
    });

    it('says in words that a window without the token is not let in', async () => {
      const stranger = await browser.newContext();
      const other = await stranger.newPage();
      await other.goto(`http://127.0.0.1:${host.port}/recordings`);
      await other
        .getByText(/token is missing or old/)
        .first()
        .waitFor();
      await stranger.close();
    });

    it('goes to every place of the rail without a word of complaint', async () => {
      for (const { id, path } of places) {
        complaints.length = 0;
        await go(path);
        await picture(id);
        expect(complaints, path).toEqual([]);
      }
    });

    it('shows every result and every setup', async () => {
      const paths = [
        `/recordings/${recording}`,
        '/recordings/add',
        `/distil/${made.distill}`,
        '/distil/new',
        `/pretrain/${made.pretrain}`,
        '/pretrain/new',
        `/calibrate/${made.calibrate}`,
        '/calibrate/new',
        `/models/${made.finetune}`,
        `/models/${made.pretrain}`,
        `/runs/R-03`,
        `/viewer/${recording}`,
      ];
      for (const path of paths) {
        complaints.length = 0;
        await go(path);
        await picture(path.slice(1).replaceAll('/', '-'));
        expect(complaints, path).toEqual([]);
      }
    });

    it('says what is not there, and leads back', async () => {
      await go('/nowhere/at/all');
      expect(await page.locator('main').innerText()).toMatch(/nothing|not|no /i);
      await go('/distil/D-0000000000');
      expect(await page.locator('main').innerText()).toMatch(/no distillate|not in this study|D-0000000000/i);
    });

    it('reaches everything by keyboard: the palette finds a place and goes there', async () => {
      await page.keyboard.press('Control+K');
      await page.getByRole('dialog', { name: 'Command palette' }).waitFor();
      await page.keyboard.type('history');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/history');
      await page.getByRole('heading', { name: 'History', level: 1 }).waitFor();
      await page.keyboard.press('Control+K');
      await page.getByRole('dialog', { name: 'Command palette' }).waitFor();
      await page.keyboard.press('Escape');
      await expect.poll(() => page.getByRole('dialog', { name: 'Command palette' }).isVisible()).toBe(false);
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
      expect(await page.getByRole('dialog').innerText()).toContain('Ctrl');
      expect(complaints).toEqual([]);
    });

    it('loses no key that is pressed right after Escape has closed a dialog', async () => {
      const sheet = page.getByRole('dialog', { name: 'Keys of this screen' });
      for (let again = 0; again < 10; again++) {
        // Nothing has the focus before, so nothing gets it back: it stays in the closed dialog's field until the next frame.
        await page.evaluate(
          () => document.activeElement instanceof HTMLElement && document.activeElement.blur(),
        );
        await page.keyboard.press('Control+K');
        await Promise.all([page.keyboard.press('Escape'), page.keyboard.press('?')]);
        await sheet.waitFor();
        await Promise.all([page.keyboard.press('Escape'), page.keyboard.press('?')]);
        await sheet.waitFor();
        await page.keyboard.press('Escape');
        await sheet.waitFor({ state: 'hidden' });
      }
      expect(complaints).toEqual([]);
    });

    it('lists a folder file by file as it is read, until the list is put away; repairs a copy from a finding', async () => {
      const files = join(folder, 'files');
      mkdirSync(files);
      const { path } = await makeEdf(join(files, 'whole.edf'));
      patch(path, join(files, 'unfinished.edf'), 236, '-1      ');
      writeFileSync(join(files, 'letter.edf'), 'Dear colleague');
      await go('/recordings/add');
      await page.getByRole('button', { name: 'Choose folder…' }).click();
      await page.getByRole('textbox', { name: 'Path' }).fill(files);
      await page.keyboard.press('Enter');
      await page.getByText('3 recordings directly in here').waitFor();
      await page.getByRole('button', { name: 'Use this folder' }).click();
      await page.keyboard.press('Control+Enter');
      await page.getByRole('heading', { name: 'What was read' }).waitFor();
      const list = page.getByRole('table', { name: 'Files of this import' });
      const row = (name: string) => list.getByRole('row').filter({ hasText: name }).innerText();
      expect(await row('whole.edf')).toMatch(/EDF\+C, 3 channels, 10 s.*Opened/s);
      expect(await row('unfinished.edf')).toMatch(/Opened with findings.*Record count missing/s);
      expect(await row('letter.edf')).toMatch(/Refused.*plain text/s);
      // What one part of the screen offers is not lost when another changes what it offers.
      await page.keyboard.press('?');
      expect(await page.getByRole('dialog').innerText()).toContain('Stop reading');
      await page.keyboard.press('Escape');
      await page.reload();
      await page.getByRole('heading', { name: 'What was read' }).waitFor();
      await list.getByRole('link', { name: 'unfinished.edf' }).click();

      await page.getByRole('complementary').getByText('Record count missing').waitFor();
      await page.keyboard.press('R');
      const repair = page.getByRole('region', { name: 'Repaired copy of unfinished.edf' });
      await repair.getByText('Number of records').waitFor();
      expect(await repair.innerText()).toMatch(/“-1”\s*becomes\s*“10”/);
      const before = readFileSync(join(files, 'unfinished.edf'));
      await repair.getByRole('button', { name: 'Write the copy' }).click();
      await repair.getByRole('link', { name: 'Open the copy' }).click();
      await page.getByText('Repaired copy of', { exact: false }).last().waitFor();
      expect(readFileSync(join(files, 'unfinished.edf')).equals(before)).toBe(true);

      await go('/recordings/add');
      await page.getByRole('button', { name: 'Put away' }).click();
      await page.getByRole('button', { name: 'Choose folder…' }).waitFor();
      expect(complaints).toEqual([]);
    });

    it('turns dark, and stays so after a reload', async () => {
      const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = await background();
      await page.emulateMedia({ colorScheme: 'dark' });
      const dark = await background();
      expect(dark).not.toBe(light);
      await page.emulateMedia({ colorScheme: 'light' });
      await page.evaluate(() =>
        localStorage.setItem('limbeck.preferences', JSON.stringify({ theme: 'dark' })),
      );
      await page.reload();
      await page.locator('main h1').waitFor();
      expect(await background()).toBe(dark);
      if (pictures) for (const { id, path } of places) await go(path).then(() => picture(`${id}-dark`));
      await page.evaluate(() => localStorage.removeItem('limbeck.preferences'));
      expect(complaints).toEqual([]);
    });

    it('moves the slider of a distillate without asking the engine room for another choice', async () => {
      await go(`/distil/${made.distill}`);
      const slider = page.getByRole('slider').first();
      const before = await slider.getAttribute('aria-valuetext');
      const calls: string[] = [];
      page.on('request', (request) => calls.push(new URL(request.url()).pathname));
      await slider.focus();
      for (let step = 0; step < 5; step++) await page.keyboard.press('ArrowRight');
      await expect
        .poll(async () => (await slider.getAttribute('aria-valuetext')) ?? (await slider.inputValue()))
        .not.toBe(before);
      expect(calls.filter((path) => /jobs|distillate$/.test(path))).toEqual([]);
      expect(complaints).toEqual([]);
    });

    it('draws another page after Page Down, and the first one again after Page Up', async () => {
      await go(`/viewer/${recording}`);
      const canvas = page.locator('main canvas').first();
      const image = () => canvas.evaluate((element) => (element as HTMLCanvasElement).toDataURL());
      await canvas.waitFor();
      await expect.poll(async () => (await image()).length).toBeGreaterThan(10_000);
      await settled();
      const first = await image();
      await page.keyboard.press('PageDown');
      await expect.poll(image).not.toBe(first);
      await page.keyboard.press('PageUp');
      await expect.poll(image).toBe(first);
      expect(complaints).toEqual([]);
    });
  },
);

async function run(request: JobRequest): Promise<void> {
  const { queue } = app.studies.current();
  const { id } = queue.add(jobInput.parse(request));
  await queue.finished(id);
  const { artifact } = queue.get(id);
  if (artifact) made[request.kind] = artifact;
}

/** By the page's own router where there is a link, else by the address; waits until nothing more is asked for. */
async function go(path: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState({}, '', to);
    dispatchEvent(new PopStateEvent('popstate', { state: {} }));
  }, path);
  await page.locator('main h1').waitFor();
  await settled();
}

/** The streams of events never end, so idle means: no other call under way for a moment. */
async function settled(): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        let seen = -1;
        const look = () => {
          const now = performance.getEntriesByType('resource').length;
          if (now === seen) resolve();
          else {
            seen = now;
            setTimeout(look, 120);
          }
        };
        look();
      }),
  );
}

async function picture(name: string): Promise<void> {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}

function findChromium(): string | null {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];
  const candidates = [
    process.env['LIMBECK_CHROMIUM'] ?? '',
    ...(process.env['PATH'] ?? '').split(delimiter).flatMap((dir) => names.map((name) => join(dir, name))),
  ];
  return candidates.find((path) => path !== '' && canRun(path)) ?? null;
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
