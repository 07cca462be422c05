/** The Electron host: a window on the same fetch, locked down, without any network. */
import { join } from 'node:path';
import type * as Electron from 'electron';
import { createApp, type App } from './app.ts';
import { pageHeaders } from './http.ts';
import { followWorker, writeOrder, type StartJob } from './jobs/runner.ts';
import type { SettingsFile } from './settings.ts';

export type ElectronApi = Pick<
  typeof Electron,
  | 'app'
  | 'BrowserWindow'
  | 'dialog'
  | 'ipcMain'
  | 'nativeTheme'
  | 'powerSaveBlocker'
  | 'protocol'
  | 'session'
  | 'utilityProcess'
>;

export interface ElectronPaths {
  preload: string;
  worker: string;
  page: string;
}

const scheme = 'limbeck';
export const pageOrigin = `${scheme}://app`;

/** Only addresses of the application itself; data: and blob: are pictures the page made. */
export function isOwnAddress(url: string): boolean {
  return (
    url === pageOrigin ||
    url.startsWith(`${pageOrigin}/`) ||
    url.startsWith('data:image/') ||
    url.startsWith(`blob:${pageOrigin}`)
  );
}

/** Wires the application to Electron; called once, before the app is ready. */
export function hostElectron(
  electron: ElectronApi,
  paths: ElectronPaths,
  settings?: SettingsFile,
): { app: App; whenReady: Promise<void> } {
  const { app: shell } = electron;
  let outside = 0;
  const app = createApp({
    host: 'electron',
    pageDir: paths.page,
    startJob: utilityJob(electron, paths.worker),
    outsideRequests: () => outside,
    ...(settings ? { settings } : {}),
  });
  if (!shell.requestSingleInstanceLock()) {
    shell.quit();
    return { app, whenReady: Promise.resolve() };
  }
  electron.protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
  shell.enableSandbox();
  shell.on('web-contents-created', (_event, contents) => lockDown(contents));
  shell.on('window-all-closed', () => shell.quit());
  let closed = false;
  shell.on('before-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    app.close().finally(() => {
      closed = true;
      shell.quit();
    });
  });
  const whenReady = shell.whenReady().then(() => {
    electron.protocol.handle(scheme, (request) => app.fetch(request));
    forbidOutside(electron.session.defaultSession, () => outside++);
    answerNative(electron);
    const window = openWindow(electron, paths.preload);
    shell.on('second-instance', () => {
      if (window.isMinimized()) window.restore();
      window.focus();
    });
  });
  return { app, whenReady };
}

/** No navigation away, no new windows, no embedded views. */
function lockDown(contents: Electron.WebContents): void {
  contents.on('will-navigate', (event) => {
    if (!isOwnAddress(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    if (!isOwnAddress(event.url)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** No request leaves, no permission is given, no name is looked up in advance. */
function forbidOutside(session: Electron.Session, count: () => void): void {
  session.webRequest.onBeforeRequest((details, answer) => {
    const own = isOwnAddress(details.url) || details.url.startsWith('devtools:');
    if (!own) count();
    answer({ cancel: !own });
  });
  session.webRequest.onHeadersReceived((details, answer) => {
    const added = Object.entries(pageHeaders).map(([name, value]): [string, string[]] => [name, [value]]);
    answer({ responseHeaders: { ...details.responseHeaders, ...Object.fromEntries(added) } });
  });
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setSpellCheckerEnabled(false);
  session.enableNetworkEmulation({ offline: true });
}

/** The few native things that the preload offers; each checks who asks. */
function answerNative(electron: ElectronApi): void {
  const trusted = (event: Electron.IpcMainInvokeEvent) => {
    if (!event.senderFrame || !isOwnAddress(event.senderFrame.url))
      throw new Error('This frame may not ask for that.');
  };
  electron.ipcMain.handle('choose-folder', async (event) => {
    trusted(event);
    const { canceled, filePaths } = await electron.dialog.showOpenDialog({
      properties: ['openDirectory', 'createDirectory'],
    });
    return canceled ? null : filePaths[0];
  });
  electron.ipcMain.handle('set-theme', (event, theme: unknown) => {
    trusted(event);
    electron.nativeTheme.themeSource = theme === 'light' || theme === 'dark' ? theme : 'system';
  });
}

function openWindow(electron: ElectronApi, preload: string): Electron.BrowserWindow {
  const window = new electron.BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 1000,
    minHeight: 640,
    show: false,
    title: 'Limbeck',
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      backgroundThrottling: true,
    },
  });
  window.once('ready-to-show', () => window.show());
  window.webContents.on('render-process-gone', () => window.webContents.reload());
  void window.loadURL(`${pageOrigin}/`);
  return window;
}

/** Jobs in utility processes; the computer does not fall asleep meanwhile. */
function utilityJob(electron: ElectronApi, worker: string): StartJob {
  return (order, listener) => {
    const child = electron.utilityProcess.fork(worker, [writeOrder(order)], {
      stdio: 'pipe',
      serviceName: 'Limbeck job',
    });
    const awake = electron.powerSaveBlocker.start('prevent-app-suspension');
    child.on('exit', () => electron.powerSaveBlocker.stop(awake));
    return followWorker(order, listener, {
      onMessage: (handle) => child.on('message', handle),
      onExit: (handle) => child.on('exit', (code) => handle(`code ${code}`)),
      onLog: (handle) => child.stderr?.on('data', (chunk) => handle(String(chunk))),
      send: (how) => child.postMessage({ type: 'stop', how }),
      kill: () => child.kill(),
    });
  };
}

export function developmentPaths(root: string): ElectronPaths {
  return {
    preload: join(root, 'build/preload.cjs'),
    worker: join(root, 'src-main/worker.ts'),
    page: join(root, 'build/renderer'),
  };
}
