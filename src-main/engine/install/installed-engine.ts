/** Where the native engine lies on this computer and what is installed there. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { tensorflowVersion } from './archives.ts';

export interface InstalledEngine {
  folder: string;
  tensorflow: string;
  platform: string;
  /** Made to use an NVIDIA GPU, whether or not one is there now. */
  gpu: boolean;
  /** Says exactly what was installed; differs as soon as any archive or step does. */
  recipe: string;
  /** Size on disk. */
  bytes: number;
  /** ISO 8601. */
  installedAt: string;
}

export const recordName = 'engine.json';

/** The environment's LIMBECK_ENGINE_DIR, else the user's folder for data of programs. */
export function engineRoot(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (env['LIMBECK_ENGINE_DIR']) return env['LIMBECK_ENGINE_DIR'];
  const home = homedir();
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? home, 'Limbeck', 'engine');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Limbeck', 'engine');
  return join(env['XDG_DATA_HOME'] ?? join(home, '.local', 'share'), 'limbeck', 'engine');
}

export function engineFolder(root = engineRoot()): string {
  return join(root, `tensorflow-${tensorflowVersion}`);
}

/** What an installation put aside while it takes its place; used when a power cut came in between. */
export function previousFolder(folder: string): string {
  return `${folder}.previous`;
}

/**
 * @returns undefined when nothing is installed
 * @throws AppError 'damaged-file' when a folder is there whose record cannot be read
 */
export function installedEngine(root = engineRoot()): InstalledEngine | undefined {
  const wanted = engineFolder(root);
  const folder = [wanted, previousFolder(wanted)].find((each) => existsSync(join(each, recordName)));
  if (folder === undefined) return undefined;
  const record = parseRecord(readFileSync(join(folder, recordName), 'utf8'));
  if (!record)
    throw new AppError(
      'damaged-file',
      `The record of the TensorFlow engine in ${folder} cannot be read; install the engine again (npm run engine:install -- --force).`,
    );
  return { folder, ...record };
}

function parseRecord(text: string): Omit<InstalledEngine, 'folder'> | undefined {
  try {
    const { tensorflow, platform, gpu, recipe, bytes, installedAt } = JSON.parse(text) as Record<
      string,
      unknown
    >;
    if (
      typeof tensorflow !== 'string' ||
      typeof platform !== 'string' ||
      typeof gpu !== 'boolean' ||
      typeof recipe !== 'string' ||
      typeof bytes !== 'number' ||
      typeof installedAt !== 'string'
    )
      return undefined;
    return { tensorflow, platform, gpu, recipe, bytes, installedAt };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
