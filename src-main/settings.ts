/** What Limbeck remembers between studies: recently opened ones. A small JSON file, replaced atomically. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';

const schema = z.object({
  recent: z.array(z.object({ name: z.string(), path: z.string() })).default([]),
  engine: z.string().default('auto'),
});
export type Settings = z.infer<typeof schema>;

export class SettingsFile {
  readonly #file: string;

  constructor(directory = defaultDirectory()) {
    this.#file = join(directory, 'settings.json');
  }

  read(): Settings {
    if (!existsSync(this.#file)) return schema.parse({});
    const parsed = schema.safeParse(parseJson(readFileSync(this.#file, 'utf8')));
    return parsed.success ? parsed.data : schema.parse({});
  }

  write(change: Partial<Settings>): Settings {
    const settings = { ...this.read(), ...change };
    mkdirSync(join(this.#file, '..'), { recursive: true });
    writeFileSync(`${this.#file}.new`, JSON.stringify(settings, null, 2));
    renameSync(`${this.#file}.new`, this.#file);
    return settings;
  }

  remember(name: string, path: string): void {
    const others = this.read().recent.filter((entry) => entry.path !== path);
    this.write({ recent: [{ name, path }, ...others].slice(0, 10) });
  }
}

function defaultDirectory(): string {
  if (process.env['LIMBECK_SETTINGS']) return process.env['LIMBECK_SETTINGS'];
  if (process.platform === 'win32') return join(process.env['APPDATA'] ?? homedir(), 'Limbeck');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Limbeck');
  return join(process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'limbeck');
}

/** A settings file that was damaged by hand is as good as none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
