import { EventEmitter } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hostElectron, isOwnAddress, type ElectronApi } from '#main/electron.ts';
import { contentSecurityPolicy } from '#main/http.ts';
import { SettingsFile } from '#main/settings.ts';

type Handler = (...words: never[]) => unknown;

/** Electron as far as the host touches it; remembers what it was told. */
function stubElectron() {
  const page = mkdtempSync(join(tmpdir(), 'limbeck-page-'));
  mkdirSync(join(page, 'assets'));
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>Limbeck</title>');
  const told = {
    schemes: [] as unknown[],
    windows: [] as { options: Record<string, unknown>; loaded: string[]; focused: number }[],
    handlers: new Map<string, Handler>(),
    session: new Map<string, unknown>(),
    sandboxed: false,
    quits: 0,
  };
  const remember = (name: string) => (value: unknown) => void told.session.set(name, value);
  const app = Object.assign(new EventEmitter(), {
    requestSingleInstanceLock: () => true,
    enableSandbox: () => (told.sandboxed = true),
    whenReady: () => Promise.resolve(),
    quit: () => told.quits++,
  });
  class BrowserWindow extends EventEmitter {
    readonly webContents = Object.assign(new EventEmitter(), { reload: () => undefined });
    readonly #own;
    constructor(options: Record<string, unknown>) {
      super();
      this.#own = { options, loaded: [] as string[], focused: 0 };
      told.windows.push(this.#own);
    }
    loadURL(url: string) {
      this.#own.loaded.push(url);
      return Promise.resolve();
    }
    isMinimized() {
      return false;
    }
    focus() {
      this.#own.focused++;
    }
    show() {}
  }
  const electron = {
    app,
    BrowserWindow,
    dialog: { showOpenDialog: () => Promise.resolve({ canceled: false, filePaths: ['/chosen'] }) },
    ipcMain: { handle: (name: string, handler: Handler) => told.handlers.set(name, handler) },
    nativeTheme: { themeSource: 'system' },
    powerSaveBlocker: { start: () => 1, stop: () => undefined },
    protocol: { registerSchemesAsPrivileged: (schemes: unknown[]) => told.schemes.push(...schemes), handle: (scheme: string, handler: Handler) => told.handlers.set(scheme, handler) },
    session: {
      defaultSession: {
        webRequest: { onBeforeRequest: remember('before'), onHeadersReceived: remember('headers') },
        setPermissionRequestHandler: remember('permission'),
        setPermissionCheckHandler: remember('check'),
        setDevicePermissionHandler: remember('device'),
        setSpellCheckerEnabled: remember('spelling'),
        enableNetworkEmulation: remember('network'),
      },
    },
    utilityProcess: { fork: () => new EventEmitter() },
  } as unknown as ElectronApi;
  const paths = { preload: '/preload.cjs', worker: '/worker.js', page };
  const settings = new SettingsFile(mkdtempSync(join(tmpdir(), 'limbeck-settings-')));
  return { told, app, host: () => hostElectron(electron, paths, settings) };
}

async function started() {
  const stub = stubElectron();
  const { whenReady, app } = stub.host();
  await whenReady;
  return { ...stub, limbeck: app };
}

describe('the Electron host', () => {
  it('opens one sandboxed, isolated window on its own scheme', async () => {
    const { told } = await started();
    expect(told.sandboxed).toBe(true);
    expect(told.schemes).toEqual([{ scheme: 'limbeck', privileges: expect.objectContaining({ standard: true, secure: true }) }]);
    expect(told.windows).toHaveLength(1);
    expect(told.windows[0]!.loaded).toEqual(['limbeck://app/']);
    expect(told.windows[0]!.options['webPreferences']).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true, webviewTag: false, preload: '/preload.cjs' });
  });

  it('answers the scheme with the one fetch, under the strict policy', async () => {
    const { told } = await started();
    const answer = told.handlers.get('limbeck') as unknown as (request: Request) => Promise<Response>;
    const page = await answer(new Request('limbeck://app/recordings'));
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('Limbeck');
    expect(page.headers.get('content-security-policy')).toBe(contentSecurityPolicy);
    expect(contentSecurityPolicy).toContain("default-src 'none'");
    expect(contentSecurityPolicy).not.toContain('unsafe-inline');
    const call = await answer(new Request('limbeck://app/api/system/get', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }));
    expect(call.status).toBe(200);
  });

  it('lets no request out and counts those that tried', async () => {
    const { told, limbeck } = await started();
    const before = told.session.get('before') as (details: { url: string }, answer: (verdict: { cancel: boolean }) => void) => void;
    const verdict = (url: string) => {
      let cancelled: boolean | undefined;
      before({ url }, ({ cancel }) => (cancelled = cancel));
      return cancelled;
    };
    expect(verdict('limbeck://app/assets/a.js')).toBe(false);
    for (const url of ['https://example.org/', 'http://127.0.0.1:9/', 'file:///etc/passwd', 'limbeck://other/', 'ws://example.org/', 'limbeck://app.example.org/']) {
      expect(verdict(url), url).toBe(true);
    }
    expect(told.session.get('network')).toEqual({ offline: true });
    const seen = await limbeck.fetch(new Request('limbeck://app/api/system/get', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }));
    expect(JSON.stringify(await seen.json())).toContain('"outsideRequests":6');
  });

  it('denies every permission, navigation, window and embedded view', async () => {
    const { told, app } = await started();
    let granted: boolean | undefined;
    (told.session.get('permission') as (contents: null, what: string, answer: (granted: boolean) => void) => void)(null, 'media', (value) => (granted = value));
    expect(granted).toBe(false);
    expect((told.session.get('check') as () => boolean)()).toBe(false);
    expect((told.session.get('device') as () => boolean)()).toBe(false);
    let openHandler: (() => unknown) | undefined;
    const contents = Object.assign(new EventEmitter(), { setWindowOpenHandler: (handler: () => unknown) => (openHandler = handler) });
    app.emit('web-contents-created', {}, contents);
    expect(openHandler!()).toEqual({ action: 'deny' });
    const prevented = (name: string, url: string) => {
      let stopped = false;
      contents.emit(name, { url, preventDefault: () => (stopped = true) });
      return stopped;
    };
    expect(prevented('will-navigate', 'https://example.org/')).toBe(true);
    expect(prevented('will-redirect', 'https://example.org/')).toBe(true);
    expect(prevented('will-navigate', 'limbeck://app/viewer/R1')).toBe(false);
    expect(prevented('will-attach-webview', '')).toBe(true);
  });

  it('answers native questions only to its own frame', async () => {
    const { told } = await started();
    const choose = told.handlers.get('choose-folder') as unknown as (event: { senderFrame: { url: string } | null }) => Promise<string | null>;
    expect(await choose({ senderFrame: { url: 'limbeck://app/' } })).toBe('/chosen');
    await expect(choose({ senderFrame: { url: 'https://example.org/' } })).rejects.toThrow(/may not ask/);
    await expect(choose({ senderFrame: null })).rejects.toThrow(/may not ask/);
  });

  it('brings the running window to the front when started twice', async () => {
    const { told, app } = await started();
    app.emit('second-instance');
    expect(told.windows).toHaveLength(1);
    expect(told.windows[0]!.focused).toBe(1);
  });

  it('knows its own addresses from those that only look alike', () => {
    for (const url of ['limbeck://app', 'limbeck://app/x', 'blob:limbeck://app/1', 'data:image/png;base64,AA']) expect(isOwnAddress(url), url).toBe(true);
    for (const url of ['limbeck://apple/', 'limbeck://app@evil/', 'blob:https://example.org/1', 'data:text/html,x', '']) expect(isOwnAddress(url), url).toBe(false);
  });

  it('stays under two hundred lines', () => {
    const lines = ['electron.ts', 'electron-main.ts', 'preload.ts'].map((file) => readFileSync(new URL(`../../../src-main/${file}`, import.meta.url), 'utf8').split('\n').length);
    expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThan(230);
    expect(lines[0]).toBeLessThan(200);
  });
});

const electronBinary = (() => {
  const folder = join(createRequire(import.meta.url).resolve('electron/package.json'), '..', 'dist');
  return existsSync(folder) ? folder : null;
})();

describe.skipIf(electronBinary === null)('real Electron (skipped: its binary is not installed here)', () => {
  it('is where its package puts it', () => {
    expect(existsSync(electronBinary!)).toBe(true);
  });
});
