/** `npm start -- STUDY`: Electron when its program is there, else the web host in a Chromium app window, else the address. */
import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { createApp } from './app.ts';
import { openGiven } from './given-path.ts';
import { builtPage, root } from './here.ts';
import { serveWeb } from './web.ts';

const given = process.argv.slice(2).find((word) => !word.startsWith('-'));
const flags = process.argv.slice(2).filter((word) => word.startsWith('-'));

await buildIfStale(
  join(builtPage, 'index.html'),
  ['src-renderer', 'src-shared', 'vite.config.ts'],
  ['vite.config.ts'],
);
const electron = hasScreen() ? electronProgram() : null;
if (electron) await startElectron(electron);
else await startWeb();

async function startElectron(program: string): Promise<void> {
  const config = 'vite.main.config.ts';
  const entry = join(root, 'build', 'main', 'src-main', 'electron-main.js');
  await buildIfStale(entry, ['src-main', 'src-shared', config], [config, `${config} preload`]);
  const words = [...flags, root, ...(given === undefined ? [] : [resolve(given)])];
  spawn(program, words, { stdio: 'inherit' }).on('exit', (code) => process.exit(code ?? 0));
}

async function startWeb(): Promise<void> {
  const app = createApp({ host: 'web' });
  try {
    if (given !== undefined) await openGiven(app.studies, resolve(given));
  } catch (error) {
    process.stderr.write(`${AppError.from(error).message}\n`);
    process.exit(1);
  }
  const web = await serveWeb(app);
  const profile = mkdtempSync(join(tmpdir(), 'limbeck-window-'));
  const window = openAppWindow(web.url, profile);
  let ending = false;
  const end = async () => {
    if (ending) return;
    ending = true;
    window?.kill();
    await web.close();
    await app.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    process.exit(0);
  };
  process.on('SIGINT', () => void end());
  process.on('SIGTERM', () => void end());
  window?.on('error', (error) =>
    process.stderr.write(`No window could be opened (${error.message}); open the address yourself.\n`),
  );
  window?.on('exit', () => void end());
  process.stdout.write(`Limbeck is at ${web.url}\n`);
}

/** A window without address bar, with a profile of its own; null where there is no screen or no Chromium. */
function openAppWindow(url: string, profile: string): ChildProcess | null {
  const browser = hasScreen() ? browserProgram() : null;
  if (!browser) return null;
  // Chromium refuses its sandbox to root.
  const forRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const quiet = [
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-background-networking',
    '--disable-sync',
  ];
  const words = [
    `--app=${url}`,
    `--user-data-dir=${profile}`,
    '--window-size=1440,900',
    ...quiet,
    ...forRoot,
  ];
  return spawn(browser, words, { stdio: 'ignore' });
}

/**
 * Builds when the target is missing or older than a source.
 * @param configs 'vite.config.ts', or with a mode: 'vite.main.config.ts preload'
 */
async function buildIfStale(target: string, sources: string[], configs: string[]): Promise<void> {
  const built = statSync(target, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (sources.every((source) => newest(join(root, source)) <= built)) return;
  const { build } = await import('vite');
  for (const config of configs) {
    const [file, mode] = config.split(' ');
    await build({ configFile: join(root, file!), logLevel: 'warn', ...(mode ? { mode } : {}) });
  }
}

/** When the youngest file below a path was written, in ms; 0 for what is not there, as in an installed copy. */
function newest(path: string): number {
  const info = statSync(path, { throwIfNoEntry: false });
  if (!info?.isDirectory()) return info?.mtimeMs ?? 0;
  return Math.max(info.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Electron's program if its package brought one, or what ELECTRON names; never downloads. */
function electronProgram(): string | null {
  if (process.env['ELECTRON']) return process.env['ELECTRON'];
  const names: Record<string, string> = {
    win32: 'electron.exe',
    darwin: 'Electron.app/Contents/MacOS/Electron',
  };
  try {
    const packageFile = createRequire(import.meta.url).resolve('electron/package.json');
    const program = join(packageFile, '..', 'dist', names[process.platform] ?? 'electron');
    return existsSync(program) ? program : null;
  } catch (error) {
    if ((error as { code?: string }).code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

function hasScreen(): boolean {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);
}

/** A Chromium on the path, or where Windows and macOS put one. */
function browserProgram(): string | null {
  const ending = process.platform === 'win32' ? '.exe' : '';
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'chrome', 'msedge'];
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name + ending)));
  const programs = [
    process.env['ProgramFiles'],
    process.env['ProgramFiles(x86)'],
    process.env['LOCALAPPDATA'],
  ];
  const usual =
    process.platform === 'darwin'
      ? ['Chromium', 'Google Chrome', 'Microsoft Edge'].map(
          (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
        )
      : programs.flatMap((folder) =>
          folder
            ? ['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe'].map((name) =>
                join(folder, name),
              )
            : [],
        );
  return [...onPath, ...usual].find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes((error as { code?: string }).code ?? '')) return false;
    throw error;
  }
}
