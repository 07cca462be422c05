/** The Electron host: windows on the same fetch, locked down, without any network. docs/electron-security.md ticks it off. */
import type * as Electron from 'electron';
import { AppError } from '#shared/errors.ts';
import { createApp, type App } from './app.ts';
import { givenPath, openGiven } from './given-path.ts';
import { pageHeaders } from './http.ts';
import { followWorker, writeOrder, type StartJob } from './jobs/runner.ts';
import type { WorkerMessage } from './jobs/job.ts';
import { isOwnAddress, isOwnPage, offlineSwitches, pageOrigin, scheme } from './own-address.ts';
import type { RunScript } from './services/engines.ts';
import type { SettingsFile } from './settings.ts';

type ElectronParts = 'app' | 'BrowserWindow' | 'dialog' | 'ipcMain' | 'nativeTheme' | 'powerSaveBlocker';
export type ElectronApi = Pick<typeof Electron, ElectronParts | 'protocol' | 'session' | 'utilityProcess'>;

export interface ElectronPaths {
  preload: string;
  worker: string;
  page: string;
}

/** A page that keeps dying is not loaded for ever. */
const mostReloads = 5;
const scriptDeadlineMs = 120_000;

/** Wires the application to Electron; called once, before it is ready. */
export function hostElectron(
  electron: ElectronApi,
  paths: ElectronPaths,
  { settings, words = [] }: { settings?: SettingsFile; words?: readonly string[] } = {},
): { app: App; whenReady: Promise<void> } {
  const { app: shell } = electron;
  let outside = 0;
  const app = createApp({
    host: 'electron',
    pageDir: paths.page,
    startJob: utilityJob(electron, paths.worker),
    runScript: utilityScript(electron),
    outsideRequests: () => outside,
    ...(settings ? { settings } : {}),
  });
  if (!shell.requestSingleInstanceLock()) {
    shell.quit();
    return { app, whenReady: Promise.resolve() };
  }
  const privileges = { standard: true, secure: true, supportFetchAPI: true, stream: true };
  electron.protocol.registerSchemesAsPrivileged([{ scheme, privileges }]);
  for (const [name, value] of offlineSwitches) shell.commandLine.appendSwitch(name, value);
  shell.enableSandbox();
  const open = (path: string | null) =>
    path === null
      ? Promise.resolve()
      : openGiven(app.studies, path).catch((error: unknown) =>
          electron.dialog.showErrorBox('Limbeck', AppError.from(error).message),
        );
  const given = (argv: readonly string[], dir: string) =>
    givenPath(argv, dir, [process.execPath, shell.getAppPath()]);
  shell.on('web-contents-created', (_event, contents) => lockDown(contents));
  shell.on('certificate-error', (event, _contents, _url, _error, _certificate, trust) => {
    event.preventDefault();
    trust(false);
  });
  shell.on('open-file', (event, path) => {
    event.preventDefault();
    void whenReady.then(() => open(path));
  });
  shell.on('window-all-closed', () => shell.quit());
  let closed = false;
  shell.on('before-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    void app.close().finally(() => {
      closed = true;
      shell.quit();
    });
  });
  const whenReady = shell.whenReady().then(async () => {
    electron.protocol.handle(scheme, (request) => app.fetch(request));
    forbidOutside(electron.session.defaultSession, shell.isPackaged, () => outside++);
    answerNative(electron);
    await open(given(words, process.cwd()));
    const window = openWindow(electron, paths.preload);
    shell.on('second-instance', (_event, argv, dir) => {
      if (window.isMinimized()) window.restore();
      window.focus();
      void open(given(argv, dir));
    });
  });
  return { app, whenReady };
}

/** No navigation away, no windows but the application's own, no embedded views, no peer-to-peer. */
function lockDown(contents: Electron.WebContents): void {
  const stay = (event: { url: string; preventDefault(): void }) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-frame-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  // A second window, say on another recording, inherits the preferences of the first.
  contents.setWindowOpenHandler(({ url }) => ({ action: isOwnPage(url) ? 'allow' : 'deny' }));
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
  let reloads = 0;
  contents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit' && reloads++ < mostReloads) contents.reload();
  });
}

/** No request leaves (web sockets included), nothing comes in, no permission is given, no certificate believed. */
function forbidOutside(session: Electron.Session, packaged: boolean, count: () => void): void {
  session.webRequest.onBeforeRequest((details, answer) => {
    const own = isOwnAddress(details.url) || (!packaged && details.url.startsWith('devtools:'));
    if (!own) count();
    answer({ cancel: !own });
  });
  session.webRequest.onHeadersReceived((details, answer) => {
    const added = Object.entries(pageHeaders).map(([name, value]): [string, string[]] => [name, [value]]);
    answer({ responseHeaders: { ...details.responseHeaders, ...Object.fromEntries(added) } });
  });
  session.on('will-download', (event, item) => {
    if (!isOwnAddress(item.getURL())) event.preventDefault();
  });
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setCertificateVerifyProc((_request, answer) => answer(-2));
  session.setSpellCheckerEnabled(false);
  session.setSpellCheckerDictionaryDownloadURL(`${pageOrigin}/no-dictionary/`);
  session.enableNetworkEmulation({ offline: true });
}

/** The few native things that the preload offers; each checks who asks. */
function answerNative(electron: ElectronApi): void {
  const trusted = ({ senderFrame }: Electron.IpcMainInvokeEvent) => {
    if (!senderFrame || senderFrame.parent || !isOwnPage(senderFrame.url))
      throw new Error('This frame may not ask for that.');
  };
  electron.ipcMain.handle('choose-folder', async (event) => {
    trusted(event);
    const properties = ['openDirectory' as const, 'createDirectory' as const];
    const { canceled, filePaths } = await electron.dialog.showOpenDialog({ properties });
    return canceled ? null : filePaths[0];
  });
  electron.ipcMain.handle('set-theme', (event, theme: unknown) => {
    trusted(event);
    electron.nativeTheme.themeSource = theme === 'light' || theme === 'dark' ? theme : 'system';
  });
}

function openWindow({ BrowserWindow, app }: ElectronApi, preload: string): Electron.BrowserWindow {
  const locked = { sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true };
  const unused = { webviewTag: false, spellcheck: false, navigateOnDragDrop: false };
  const window = new BrowserWindow({
    ...{ width: 1440, height: 900, minWidth: 1000, minHeight: 640, show: false, title: 'Limbeck' },
    webPreferences: { preload, ...locked, ...unused, devTools: !app.isPackaged },
  });
  window.once('ready-to-show', () => window.show());
  void window.loadURL(`${pageOrigin}/`);
  return window;
}

/** Jobs in utility processes; the computer does not fall asleep meanwhile. */
function utilityJob({ utilityProcess, powerSaveBlocker }: ElectronApi, worker: string): StartJob {
  return (order, listener) => {
    const stdio: ('ignore' | 'pipe')[] = ['ignore', 'ignore', 'pipe'];
    const child = utilityProcess.fork(worker, [writeOrder(order)], { stdio, serviceName: 'Limbeck job' });
    const awake = powerSaveBlocker.start('prevent-app-suspension');
    child.on('exit', () => powerSaveBlocker.stop(awake));
    return followWorker(order, listener, {
      onMessage: (handle) =>
        child.on('message', (message: WorkerMessage) => {
          handle(message);
          if (message.type === 'done' || message.type === 'failed') child.kill();
        }),
      onExit: (handle) => child.on('exit', (code) => handle(`code ${code}`)),
      onLog: (handle) => child.stderr?.on('data', (chunk) => handle(String(chunk))),
      send: (how) => child.postMessage({ type: 'stop', how }),
      kill: () => child.kill(),
    });
  };
}

/** Electron's program is no Node (a fuse sees to it), so a script gets a utility process as well. */
function utilityScript({ utilityProcess }: ElectronApi): RunScript {
  return (script) =>
    new Promise((resolve, reject) => {
      const child = utilityProcess.fork(script, [], { stdio: ['ignore', 'pipe', 'ignore'] });
      const timer = setTimeout(() => child.kill(), scriptDeadlineMs);
      let printed = '';
      child.stdout?.on('data', (chunk) => (printed += String(chunk)));
      child.on('exit', (code) => {
        clearTimeout(timer);
        if (code === 0) resolve(printed);
        else reject(new Error(`ended with ${code}`));
      });
    });
}
