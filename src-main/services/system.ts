/** The computer, the engines, the study that is open. */
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { homedir, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { sampleParams } from '#shared/params/sample.ts';
import { version } from '#shared/version.ts';
import type { EngineView, FolderEntry } from '#shared/views.ts';
import { formats } from '#main/io/readers.ts';
import type { SettingsFile } from '#main/settings.ts';
import { probeEngines } from './engines.ts';
import { os } from './implementer.ts';
import type { Studies } from './study.ts';

export interface SystemOptions {
  studies: Studies;
  settings: SettingsFile;
  host: 'electron' | 'web';
  outsideRequests: () => number;
}

export function systemService({ studies, settings, host, outsideRequests }: SystemOptions) {
  let engine: EngineView | null = null;
  let tried = false;
  /** Trying the engines takes seconds, and nobody waits for it: the answer is told as a change. Why none works, `engines` says. */
  const tryEngines = () => {
    tried = true;
    void probeEngines(settings.read().engine)
      .then(
        (engines) => (engine = engines.find((each) => each.chosen) ?? null),
        () => (engine = null),
      )
      .then(() => studies.changed());
  };
  return os.system.router({
    get: os.system.get.handler(() => {
      if (!tried) tryEngines();
      return {
        version,
        host,
        study: studies.open ? studies.view() : null,
        recent: settings.read().recent.map((entry) => ({ ...entry, missing: !existsSync(entry.path) })),
        engine: engine && { name: engine.name, device: engine.device },
        memory: { usedBytes: process.memoryUsage().rss, totalBytes: totalmem() },
        outsideRequests: outsideRequests(),
      };
    }),
    engines: os.system.engines.handler(async ({ input }) => {
      const engines = await probeEngines(settings.read().engine, input.again);
      engine = engines.find((each) => each.chosen) ?? null;
      return engines;
    }),
    openStudy: os.system.openStudy.handler(({ input }) => studies.openAt(input.path)),
    openSample: os.system.openSample.handler(async () => {
      const view = await studies.openAt(freeFolder(join(homedir(), 'Limbeck'), 'Sample study'));
      studies.current().queue.add({ kind: 'sample', params: sampleParams.parse({}) });
      return view;
    }),
    closeStudy: os.system.closeStudy.handler(async () => {
      await studies.close();
      return { closed: true as const };
    }),
    folder: os.system.folder.handler(({ input }) => listFolder(input.path)),
    changes: os.system.changes.handler(async function* ({ signal }) {
      yield* studies.changes.stream(signal, (newer, waiting) =>
        waiting.topics.every((topic) => newer.topics.includes(topic)),
      );
    }),
  });
}

/** 'Sample study', 'Sample study 2', …: the first that is not there. */
function freeFolder(parent: string, name: string): string {
  for (let n = 1; ; n++) {
    const dir = join(parent, n === 1 ? name : `${name} ${n}`);
    if (!existsSync(dir)) return dir;
  }
}

async function listFolder(
  path: string,
): Promise<{ path: string; parent: string | null; entries: FolderEntry[] }> {
  const folder = path === '' ? homedir() : resolve(path);
  try {
    const names = await readdir(folder, { withFileTypes: true });
    const entries = await Promise.all(
      names
        .filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isFile()))
        .map(async (entry): Promise<FolderEntry> => {
          const full = join(folder, entry.name);
          if (entry.isDirectory()) return { name: entry.name, path: full, kind: 'folder', bytes: 0 };
          const readable = formats.some((format) =>
            format.extensions.some((extension) => entry.name.toLowerCase().endsWith(extension)),
          );
          return {
            name: entry.name,
            path: full,
            kind: readable ? 'recording' : 'other',
            bytes: (await stat(full)).size,
          };
        }),
    );
    const order = { folder: 0, recording: 1, other: 2 };
    entries.sort(
      (a, b) => order[a.kind] - order[b.kind] || a.name.localeCompare(b.name, 'en', { numeric: true }),
    );
    return { path: folder, parent: dirname(folder) === folder ? null : dirname(folder), entries };
  } catch (error) {
    throw new AppError(
      'not-found',
      `${folder} cannot be opened: ${error instanceof Error ? error.message : error}. Choose another folder.`,
      { cause: error },
    );
  }
}
