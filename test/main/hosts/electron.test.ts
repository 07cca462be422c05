import { EventEmitter } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron } from 'playwright-core';
import { build } from 'vite';
import { describe, expect, it } from 'vitest';
import { makeEdf, temporaryFolder } from '../../make/edf-files.ts';
import { hostElectron, type ElectronApi } from '#main/electron.ts';
import { isOwnAddress, isOwnPage } from '#main/own-address.ts';
import { contentSecurityPolicy } from '#main/http.ts';
import { SettingsFile } from '#main/settings.ts';

type Handler = (...words: never[]) => unknown;

/** Electron as far as the host touches it; remembers what it was told. */
function stubElectron(packaged = false) {
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
    switches: new Map<string, string | undefined>(),
    messages: [] as string[],
    forks: [] as {
      file: string;
      child: EventEmitter & { stdout: EventEmitter; stderr: EventEmitter; killed: number };
    }[],
    awake: 0,
  };
  const remember = (name: string) => (value: unknown) => void told.session.set(name, value);
  const app = Object.assign(new EventEmitter(), {
    requestSingleInstanceLock: (): boolean => true,
    enableSandbox: () => (told.sandboxed = true),
    whenReady: () => Promise.resolve(),
    quit: () => told.quits++,
    isPackaged: packaged,
    getAppPath: () => '/limbeck',
    commandLine: { appendSwitch: (name: string, value?: string) => told.switches.set(name, value) },
  });
  class BrowserWindow extends EventEmitter {
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
    dialog: {
      showOpenDialog: () => Promise.resolve({ canceled: false, filePaths: ['/chosen'] }),
      showErrorBox: (_title: string, text: string) => told.messages.push(text),
    },
    ipcMain: { handle: (name: string, handler: Handler) => told.handlers.set(name, handler) },
    nativeTheme: { themeSource: 'system' },
    powerSaveBlocker: { start: () => told.awake++, stop: () => told.awake-- },
    protocol: {
      registerSchemesAsPrivileged: (schemes: unknown[]) => told.schemes.push(...schemes),
      handle: (scheme: string, handler: Handler) => told.handlers.set(scheme, handler),
    },
    session: {
      defaultSession: {
        webRequest: { onBeforeRequest: remember('before'), onHeadersReceived: remember('headers') },
        setPermissionRequestHandler: remember('permission'),
        setPermissionCheckHandler: remember('check'),
        setDevicePermissionHandler: remember('device'),
        setSpellCheckerEnabled: remember('spelling'),
        enableNetworkEmulation: remember('network'),
        setCertificateVerifyProc: remember('certificate'),
        setSpellCheckerDictionaryDownloadURL: remember('dictionary'),
        on: (name: string, handler: Handler) => told.session.set(name, handler),
      },
    },
    utilityProcess: {
      fork: (file: string) => {
        const child = Object.assign(new EventEmitter(), {
          stdout: new EventEmitter(),
          stderr: new EventEmitter(),
          killed: 0,
          postMessage: () => undefined,
          kill: () => void child.killed++,
        });
        told.forks.push({ file, child });
        if (file.includes('probe-engines')) setImmediate(() => answerProbe(child));
        return child;
      },
    },
  } as unknown as ElectronApi;
  const paths = { preload: '/preload.cjs', worker: '/worker.js', page };
  const settings = new SettingsFile(mkdtempSync(join(tmpdir(), 'limbeck-settings-')));
  return { told, app, host: (words: string[] = []) => hostElectron(electron, paths, { settings, words }) };
}

/** What the self-test of the engines prints, in two pieces as pipes may deliver it. */
function answerProbe(child: EventEmitter & { stdout: EventEmitter }): void {
  child.stdout.emit('data', Buffer.from('[{"name":"wasm","works":true,"device":"",'));
  child.stdout.emit('data', Buffer.from('"reason":"","gflops":1,"chosen":false}]'));
  child.emit('exit', 0);
}

/** A page's contents after the host saw them. */
function lockedContents(app: EventEmitter) {
  const told = {
    openHandler: undefined as ((details: { url: string }) => unknown) | undefined,
    webRtc: '',
    reloads: 0,
  };
  const contents = Object.assign(new EventEmitter(), {
    setWindowOpenHandler: (handler: typeof told.openHandler) => (told.openHandler = handler),
    setWebRTCIPHandlingPolicy: (policy: string) => (told.webRtc = policy),
    reload: () => told.reloads++,
  });
  app.emit('web-contents-created', {}, contents);
  return { contents, told };
}

async function started(words: string[] = [], packaged = false) {
  const stub = stubElectron(packaged);
  const { whenReady, app } = stub.host(words);
  await whenReady;
  return { ...stub, limbeck: app };
}

describe('the Electron host', () => {
  it('opens one sandboxed, isolated window on its own scheme', async () => {
    const { told } = await started();
    expect(told.sandboxed).toBe(true);
    expect(told.schemes).toEqual([
      { scheme: 'limbeck', privileges: expect.objectContaining({ standard: true, secure: true }) },
    ]);
    expect(told.windows).toHaveLength(1);
    expect(told.windows[0]!.loaded).toEqual(['limbeck://app/']);
    expect(told.windows[0]!.options['webPreferences']).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      preload: '/preload.cjs',
    });
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
    const call = await answer(
      new Request('limbeck://app/api/system/get', {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json' },
      }),
    );
    expect(call.status).toBe(200);
  });

  it('lets no request out and counts those that tried', async () => {
    const { told, limbeck } = await started();
    const before = told.session.get('before') as (
      details: { url: string },
      answer: (verdict: { cancel: boolean }) => void,
    ) => void;
    const verdict = (url: string) => {
      let cancelled: boolean | undefined;
      before({ url }, ({ cancel }) => (cancelled = cancel));
      return cancelled;
    };
    expect(verdict('limbeck://app/assets/a.js')).toBe(false);
    for (const url of [
      'https://example.org/',
      'http://127.0.0.1:9/',
      'file:///etc/passwd',
      'limbeck://other/',
      'ws://example.org/',
      'limbeck://app.example.org/',
    ]) {
      expect(verdict(url), url).toBe(true);
    }
    expect(told.session.get('network')).toEqual({ offline: true });
    const seen = await limbeck.fetch(
      new Request('limbeck://app/api/system/get', {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json' },
      }),
    );
    expect(JSON.stringify(await seen.json())).toContain('"outsideRequests":6');
  });

  it('denies every permission, navigation, window and embedded view', async () => {
    const { told, app } = await started();
    let granted: boolean | undefined;
    (
      told.session.get('permission') as (
        contents: null,
        what: string,
        answer: (granted: boolean) => void,
      ) => void
    )(null, 'media', (value) => (granted = value));
    expect(granted).toBe(false);
    expect((told.session.get('check') as () => boolean)()).toBe(false);
    expect((told.session.get('device') as () => boolean)()).toBe(false);
    const { contents, told: locked } = lockedContents(app);
    const prevented = (name: string, url: string) => {
      let stopped = false;
      contents.emit(name, { url, preventDefault: () => (stopped = true) });
      return stopped;
    };
    for (const way of ['will-navigate', 'will-frame-navigate', 'will-redirect']) {
      for (const url of [
        'https://example.org/',
        'file:///etc/passwd',
        'data:text/html,x',
        'data:image/svg+xml,x',
        'blob:limbeck://app/1',
      ])
        expect(prevented(way, url), `${way} ${url}`).toBe(true);
      expect(prevented(way, 'limbeck://app/viewer/R1')).toBe(false);
    }
    expect(prevented('will-attach-webview', '')).toBe(true);
    expect(locked.openHandler!({ url: 'https://example.org/' })).toEqual({ action: 'deny' });
    expect(locked.openHandler!({ url: 'limbeck://app/viewer/R2' })).toEqual({ action: 'allow' });
    expect(locked.webRtc).toBe('disable_non_proxied_udp');
  });

  it('brings a crashed page back, but not for ever', async () => {
    const { app } = await started();
    const { contents, told } = lockedContents(app);
    contents.emit('render-process-gone', {}, { reason: 'clean-exit' });
    expect(told.reloads).toBe(0);
    for (let crash = 0; crash < 9; crash++) contents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(told.reloads).toBe(5);
  });

  it('believes no certificate, takes no download from outside, looks up no name', async () => {
    const { told, app } = await started();
    let verdict: number | undefined;
    (told.session.get('certificate') as (request: null, answer: (verdict: number) => void) => void)(
      null,
      (value) => (verdict = value),
    );
    expect(verdict).toBe(-2);
    let trusted: boolean | undefined;
    let stopped = false;
    app.emit(
      'certificate-error',
      { preventDefault: () => (stopped = true) },
      null,
      '',
      '',
      null,
      (value: boolean) => (trusted = value),
    );
    expect([trusted, stopped]).toEqual([false, true]);
    const refused = (url: string) => {
      let prevented = false;
      (told.session.get('will-download') as (event: unknown, item: unknown) => void)(
        { preventDefault: () => (prevented = true) },
        { getURL: () => url },
      );
      return prevented;
    };
    expect(refused('https://example.org/a.exe')).toBe(true);
    expect(refused('blob:limbeck://app/lab-profile')).toBe(false);
    expect(told.switches.get('host-resolver-rules')).toBe('MAP * ~NOTFOUND');
    expect([...told.switches.keys()]).toEqual(
      expect.arrayContaining([
        'dns-prefetch-disable',
        'disable-background-networking',
        'no-proxy-server',
        'no-pings',
      ]),
    );
    expect(told.session.get('spelling')).toBe(false);
    expect(told.session.get('dictionary')).toMatch(/^limbeck:/);
  });

  it('puts the policy on whatever a page receives', async () => {
    const { told } = await started();
    let given: Record<string, string[]> = {};
    (
      told.session.get('headers') as (
        details: object,
        answer: (value: { responseHeaders: Record<string, string[]> }) => void,
      ) => void
    )({ responseHeaders: { etag: ['1'] } }, (value) => (given = value.responseHeaders));
    expect(given).toMatchObject({
      etag: ['1'],
      'content-security-policy': [contentSecurityPolicy],
      'cross-origin-opener-policy': ['same-origin'],
      'cross-origin-embedder-policy': ['require-corp'],
      'x-content-type-options': ['nosniff'],
    });
  });

  it('shows developer tools only when it is not installed', async () => {
    for (const packaged of [false, true]) {
      const { told } = await started([], packaged);
      expect(told.windows[0]!.options['webPreferences']).toMatchObject({ devTools: !packaged });
      const before = told.session.get('before') as (
        details: { url: string },
        answer: (verdict: { cancel: boolean }) => void,
      ) => void;
      before({ url: 'devtools://devtools/bundled/x.js' }, ({ cancel }) => expect(cancel).toBe(packaged));
    }
  });

  it('answers native questions only to its own frame', async () => {
    const { told } = await started();
    const choose = told.handlers.get('choose-folder') as unknown as (event: {
      senderFrame: { url: string; parent: object | null } | null;
    }) => Promise<string | null>;
    expect(await choose({ senderFrame: { url: 'limbeck://app/', parent: null } })).toBe('/chosen');
    await expect(choose({ senderFrame: { url: 'https://example.org/', parent: null } })).rejects.toThrow(
      /may not ask/,
    );
    await expect(choose({ senderFrame: null })).rejects.toThrow(/may not ask/);
    await expect(choose({ senderFrame: { url: 'limbeck://app/', parent: {} } })).rejects.toThrow(
      /may not ask/,
    );
  });

  it('opens the study that it was started with, before the window asks', async () => {
    using folder = temporaryFolder();
    const dir = join(folder.path, 'study');
    const { limbeck } = await started([process.execPath, '--some-switch', '/limbeck', dir]);
    expect(limbeck.studies.view().path).toBe(dir);
    await limbeck.close();
  });

  it('brings the running window to the front when started twice, and opens what the second start names', async () => {
    using folder = temporaryFolder();
    const { told, app, limbeck } = await started();
    app.emit('second-instance', {}, [process.execPath], folder.path);
    expect(told.windows).toHaveLength(1);
    expect(told.windows[0]!.focused).toBe(1);
    app.emit(
      'second-instance',
      {},
      [process.execPath, '--allow-file-access-from-files', '/limbeck', 'study'],
      folder.path,
    );
    await expect.poll(() => limbeck.studies.open?.dir).toBe(join(folder.path, 'study'));
    await limbeck.close();
  });

  it('adds a recording that the system opens to the study, or says that one is needed', async () => {
    using folder = temporaryFolder();
    const { told, app, limbeck } = await started();
    const file = join(folder.path, 'a.edf');
    await makeEdf(file);
    let stopped = 0;
    app.emit('open-file', { preventDefault: () => stopped++ }, file);
    await expect.poll(() => told.messages.join()).toMatch(/a\.edf can be added once a study is open/);
    await limbeck.studies.openAt(join(folder.path, 'study'));
    app.emit('open-file', { preventDefault: () => stopped++ }, file);
    await expect.poll(() => limbeck.studies.open?.queue.list().length).toBe(1);
    expect(stopped).toBe(2);
    // The job went to a utility process, the computer stays awake until it ends, and its last message ends it.
    const { queue } = limbeck.studies.current();
    await expect.poll(() => told.forks.length).toBe(1);
    expect(told.awake).toBe(1);
    const { child, file: worker } = told.forks[0]!;
    expect(worker).toBe('/worker.js');
    child.emit('message', {
      type: 'failed',
      error: { code: 'damaged-file', message: 'It is damaged.', details: {} },
    });
    child.emit('exit', 15);
    await expect.poll(() => queue.list()[0]!.status).toBe('failed');
    expect([child.killed, told.awake]).toEqual([1, 0]);
    await limbeck.close();
  });

  it('tests the engines in a utility process, since its own program is no Node', async () => {
    const { told, limbeck } = await started();
    const answer = await limbeck.fetch(
      new Request('limbeck://app/api/system/engines', {
        method: 'POST',
        body: '{"json":{"again":true}}',
        headers: { 'content-type': 'application/json' },
      }),
    );
    expect(await answer.text()).toContain('"name":"wasm"');
    expect(told.forks.map(({ file }) => file)).toEqual([expect.stringMatching(/probe-engines\.ts$/)]);
  });

  it('leaves at once when another Limbeck runs', async () => {
    const stub = stubElectron();
    stub.app.requestSingleInstanceLock = () => false;
    await stub.host().whenReady;
    expect(stub.told.quits).toBe(1);
    expect(stub.told.windows).toEqual([]);
  });

  it('knows its own addresses from those that only look alike', () => {
    for (const url of [
      'limbeck://app',
      'limbeck://app/x',
      'blob:limbeck://app/1',
      'data:image/png;base64,AA',
    ])
      expect(isOwnAddress(url), url).toBe(true);
    for (const url of ['blob:limbeck://app/1', 'data:image/png;base64,AA', 'limbeck://apple/'])
      expect(isOwnPage(url), url).toBe(false);
    for (const url of [
      'limbeck://apple/',
      'blob:limbeck://application/1',
      'limbeck://app@evil/',
      'blob:https://example.org/1',
      'data:text/html,x',
      '',
    ])
      expect(isOwnAddress(url), url).toBe(false);
  });

  it('stays under two hundred lines', () => {
    const lines = ['electron.ts', 'electron-main.ts', 'preload.ts'].map(
      (file) =>
        readFileSync(new URL(`../../../src-main/${file}`, import.meta.url), 'utf8').split('\n').length,
    );
    expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThan(230);
    expect(lines[0]).toBeLessThan(200);
  });
});

/** Electron's program: what ELECTRON names, or what its package brought. */
const electronProgram = (() => {
  if (process.env['ELECTRON']) return process.env['ELECTRON'];
  const require = createRequire(import.meta.url);
  const folder = join(require.resolve('electron/package.json'), '..');
  return existsSync(join(folder, 'dist')) ? (require('electron') as string) : null;
})();

describe.skipIf(electronProgram === null)(
  'real Electron (skipped: neither ELECTRON nor its package gives a program here)',
  () => {
    it('shows the page on its own scheme, isolated, offline, without Node', async () => {
      using folder = temporaryFolder();
      const root = fileURLToPath(new URL('../../..', import.meta.url));
      const configFile = join(root, 'vite.main.config.ts');
      await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'error' });
      await build({ configFile, logLevel: 'error' });
      await build({ configFile, logLevel: 'error', mode: 'preload' });
      const shell = await _electron.launch({
        executablePath: electronProgram!,
        args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), root, join(folder.path, 'study')],
        env: { ...process.env, LIMBECK_SETTINGS: join(folder.path, 'settings') } as Record<string, string>,
      });
      try {
        const page = await shell.firstWindow();
        await page.waitForLoadState();
        expect(page.url()).toMatch(/^limbeck:\/\/app\//);
        const seen = await page.evaluate(async () => {
          const own = await fetch('/api/recordings/list', {
            method: 'POST',
            body: '{}',
            headers: { 'content-type': 'application/json' },
          });
          const outside = await fetch('https://example.org/').then(
            () => 'reached',
            () => 'refused',
          );
          const bridge = Object.keys((window as unknown as { limbeckHost: object }).limbeckHost).sort();
          return {
            own: own.status,
            outside,
            bridge,
            isolated: window.crossOriginIsolated,
            node: 'require' in window || 'process' in window,
          };
        });
        expect(seen).toEqual({
          own: 200,
          outside: 'refused',
          bridge: ['chooseFolder', 'droppedPath', 'setTheme'],
          isolated: true,
          node: false,
        });
      } finally {
        await shell.close();
      }
    });
  },
);
