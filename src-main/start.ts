/** `npm start`: Electron when its binary is there, else the web host in a Chromium app window, else the address. */
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApp } from './app.ts';
import { builtPage } from './here.ts';
import { serveWeb } from './web.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

if (!existsSync(join(builtPage, 'index.html')) || process.argv.includes('--build')) await buildPage();
const electron = electronBinary();
if (electron) {
  const child = spawn(electron, [root, ...process.argv.slice(2)], { stdio: 'inherit' });
  child.on('exit', (code) => process.exit(code ?? 0));
} else {
  const app = createApp({ host: 'web' });
  const study = process.argv.slice(2).find((word) => !word.startsWith('-'));
  if (study) await app.studies.openAt(study);
  const web = await serveWeb(app);
  const browser = findBrowser();
  if (browser) {
    const profile = mkdtempSync(join(tmpdir(), 'limbeck-window-'));
    const rootOnly = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const flags = [
      `--app=${web.url}`,
      `--user-data-dir=${profile}`,
      '--no-first-run',
      '--window-size=1440,900',
      ...rootOnly,
    ];
    const child = spawn(browser, flags, { stdio: 'ignore' });
    child.on('error', () => tell(web.url));
    child.on('exit', () => void app.close().then(() => process.exit(0)));
  }
  tell(web.url);
  process.on('SIGINT', () => void app.close().then(() => process.exit(0)));
}

function tell(url: string): void {
  process.stdout.write(`Limbeck is at ${url}\n`);
}

async function buildPage(): Promise<void> {
  const { build } = await import('vite');
  await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
}

/** The path of Electron's binary when its package brought one; never downloads. */
function electronBinary(): string | null {
  const require = createRequire(import.meta.url);
  try {
    const packageDir = join(require.resolve('electron/package.json'), '..');
    const name =
      process.platform === 'win32'
        ? 'electron.exe'
        : process.platform === 'darwin'
          ? 'Electron.app/Contents/MacOS/Electron'
          : 'electron';
    const binary = join(packageDir, 'dist', name);
    return existsSync(binary) ? binary : null;
  } catch (error) {
    if ((error as { code?: string }).code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

function findBrowser(): string | null {
  if (!process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY'] && process.platform === 'linux') return null;
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'chrome', 'msedge'];
  const candidates = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)));
  return candidates.find(isExecutable) ?? null;
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
