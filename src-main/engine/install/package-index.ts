/** Finds an archive's address in the index that pip is set to, or at the registry that npm is set to, without these programs. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import type { Archive } from './archives.ts';

export interface Sources {
  /** Python package index (PEP 503), as in pip's `index-url`. */
  python: string | undefined;
  /** npm registry. */
  npm: string | undefined;
}

/** As pip and npm find them: environment first, then their configuration files; undefined where nothing is set. */
export function configuredSources(env: NodeJS.ProcessEnv = process.env, home = homedir()): Sources {
  return {
    python: env['PIP_INDEX_URL'] ?? firstSetting(pipFiles(env, home), /^\s*index[-_]url\s*[=:]\s*(\S+)/m),
    npm:
      env['npm_config_registry'] ??
      env['NPM_CONFIG_REGISTRY'] ??
      firstSetting([env['NPM_CONFIG_USERCONFIG'] ?? join(home, '.npmrc')], /^\s*registry\s*=\s*(\S+)/m),
  };
}

/** @throws AppError 'not-found' when the index does not list the archive or cannot be reached */
export async function addressOf(archive: Archive, source: string, signal?: AbortSignal): Promise<string> {
  const base = source.endsWith('/') ? source : `${source}/`;
  if (archive.from === 'npm') {
    const name = archive.project.replace(/^@[^/]+\//, '');
    return new URL(`${archive.project}/-/${name}-${archive.version}.tgz`, base).href;
  }
  const page = new URL(`${archive.project}/`, base).href;
  let response: Response;
  try {
    response = await fetch(page, { headers: { accept: 'text/html' }, signal });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw notListed(page, 'it cannot be reached', cause);
  }
  if (!response.ok) throw notListed(page, `it answers ${response.status}`);
  const href = linkIn(await response.text(), archive.file);
  if (!href) throw notListed(page, `it does not list ${archive.file}`);
  return new URL(href, response.url || page).href;
}

/** The link on an index page whose last part is this file, without its fragment. */
export function linkIn(html: string, file: string): string | undefined {
  for (const [, href] of html.matchAll(/<a\b[^>]*\bhref\s*=\s*["']([^"']+)["']/gi)) {
    const [address = ''] = href!.replaceAll('&amp;', '&').split('#');
    if (decodeURIComponent(address.split('?')[0]!.split('/').at(-1)!) === file) return address;
  }
  return undefined;
}

function pipFiles(env: NodeJS.ProcessEnv, home: string): string[] {
  return [
    env['PIP_CONFIG_FILE'] ?? '',
    join(env['XDG_CONFIG_HOME'] ?? join(home, '.config'), 'pip', 'pip.conf'),
    join(home, '.pip', 'pip.conf'),
    join(home, 'Library', 'Application Support', 'pip', 'pip.conf'),
    '/etc/xdg/pip/pip.conf',
    '/etc/pip.conf',
  ];
}

function firstSetting(files: readonly string[], pattern: RegExp): string | undefined {
  for (const file of files) {
    if (!file || !existsSync(file)) continue;
    const value = pattern.exec(readFileSync(file, 'utf8'))?.[1];
    if (value) return value;
  }
  return undefined;
}

function notListed(page: string, why: string, cause?: unknown): AppError {
  return new AppError(
    'not-found',
    `The package index at ${page} cannot give the archive: ${why}. Check the network and PIP_INDEX_URL, or fetch on another computer with --download-only FOLDER and install here with --from FOLDER.`,
    { cause },
  );
}
