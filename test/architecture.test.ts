import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize, dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = ['src-shared', 'src-main', 'src-renderer'];

/** The import table of the README's architecture section. `node` stands for any `node:*` module. */
const pure = ['signal', 'models', 'training', 'distillation', 'evaluation'];
const anyPackage = /^[a-z@]/;
interface Rule {
  zone: RegExp;
  may: RegExp[];
}
const zonePath = (names: string[]) => new RegExp(`^src-main/(${names.join('|')})/`);
const shared = /^src-shared\//;
const node = /^node:/;
const tfCore = /^@tensorflow\/tfjs-core/;
const rules: Rule[] = [
  { zone: /^src-shared\//, may: [shared, /^zod$/, /^@orpc\/contract$/] },
  {
    zone: /^src-renderer\/(ui|plot|styles)\//,
    may: [
      shared,
      /^src-renderer\/(ui|plot|styles|[^/]+$)/,
      /^svelte/,
      /^uplot/,
      /^@lucide\/svelte/,
      /^@orpc\/(client|contract)/,
      /^@fontsource/,
    ],
  },
  {
    zone: /^src-renderer\/[^/]+$/,
    may: [
      shared,
      /^src-renderer\//,
      /^svelte/,
      /^uplot/,
      /^zod$/,
      /^@lucide\/svelte/,
      /^@orpc\/(client|contract)/,
      /^@fontsource/,
      /^resources\//,
    ],
  },
  { zone: /^src-main\/signal\//, may: [shared, zonePath(['signal'])] },
  { zone: /^src-main\/models\//, may: [shared, zonePath(['signal', 'models']), tfCore] },
  { zone: /^src-main\/training\//, may: [shared, zonePath(['signal', 'models', 'training']), tfCore] },
  {
    zone: /^src-main\/distillation\//,
    may: [shared, zonePath(['signal', 'models', 'training', 'distillation']), tfCore],
  },
  { zone: /^src-main\/evaluation\//, may: [shared, zonePath(['signal', 'models', 'evaluation']), tfCore] },
  { zone: /^src-main\/engine\//, may: [shared, zonePath(['engine']), node, /^@tensorflow\//] },
  { zone: /^src-main\/io\//, may: [shared, zonePath(['io', 'signal']), node, /^(edfdecoder|fflate)$/] },
  { zone: /^src-main\/store\//, may: [shared, zonePath(['store', 'signal']), node] },
  {
    zone: /^src-main\/export\//,
    may: [
      shared,
      zonePath(['export', 'store', 'io', 'signal']),
      node,
      /^(fflate|hyparquet|hyparquet-writer)$/,
    ],
  },
  { zone: /^src-main\/catalog\//, may: [shared, zonePath(['catalog']), node, /^better-sqlite3$/] },
  {
    zone: /^src-main\/jobs\//,
    may: [shared, zonePath(['jobs', 'engine', 'io', 'store', 'export', ...pure]), node, tfCore],
  },
  {
    zone: /^src-main\/services\//,
    may: [
      shared,
      zonePath(['services', 'catalog', 'store', 'io', 'signal', 'export']),
      // reading a stored distillate is arithmetic on its arrays; choosing one is a job's
      /^src-main\/distillation\/(distillate-files|reasons)\.ts$/,
      /^src-main\/jobs\/(runner|job|jobs)\.ts$/,
      /^src-main\/(settings|log)\.ts$/,
      node,
      /^(zod|@orpc\/server)$/,
    ],
  },
  { zone: /^src-main\/(cli\/|[^/]+$)/, may: [/./] },
];

interface Import {
  from: string;
  to: string;
  text: string;
}

function listFiles(dir: string): string[] {
  return readdirSync(join(root, dir), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? listFiles(join(dir, entry.name))
      : /\.(ts|svelte)$/.test(entry.name)
        ? [join(dir, entry.name)]
        : [],
  );
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = [
    ...text.matchAll(/(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s+['"]([^'"]+)['"]/g),
    ...text.matchAll(/(?:^|\n)\s*import\s+['"]([^'"]+)['"]/g),
    ...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g),
  ].map((match) => match[1]!);
  return found.map((text) => ({ from: file, to: resolve(file, text), text }));
}

function resolve(file: string, specifier: string): string {
  if (specifier.startsWith('#'))
    return specifier.replace(/^#(shared|main|renderer)\//, 'src-$1/').replace(/^#resources\//, 'resources/');
  if (specifier.startsWith('.')) return relative(root, normalize(join(root, dirname(file), specifier)));
  return specifier;
}

const imports = sources.flatMap(listFiles).flatMap(importsOf);

describe('who may import whom', () => {
  it('follows the table of the architecture, naming each breach', () => {
    const breaches = imports.flatMap(({ from, to, text }) => {
      const feature = /^src-renderer\/([^/]+)\//.exec(from)?.[1];
      const rule = rules.find((candidate) => candidate.zone.test(from));
      const allowed = rule
        ? rule.may.some((pattern) => pattern.test(to))
        : // a renderer feature: shared, its own folder, ui, plot, the page's own root files and the page's libraries
          [
            shared,
            new RegExp(`^src-renderer/(${feature}|ui|plot|styles)/`),
            /^src-renderer\/[^/]+$/,
            /^resources\//,
            /^svelte/,
            /^uplot/,
            /^zod$/,
            /^@lucide\/svelte/,
            /^@orpc\/(client|contract)/,
          ].some((pattern) => pattern.test(to));
      return allowed ? [] : [`${from} may not import ${text}`];
    });
    expect(breaches).toEqual([]);
  });

  it('names electron and opens sockets only in the hosts', () => {
    const hosts = /^src-main\/(electron|electron-main|preload|web|start)\.ts$/;
    const breaches = imports.filter(
      ({ from, to }) => /^(electron|node:(http|https|net|tls|dgram))$/.test(to) && !hosts.test(from),
    );
    expect(breaches.map(({ from, to }) => `${from} may not import ${to}`)).toEqual([]);
  });

  it('writes SQL only in the catalog', () => {
    const breaches = imports.filter(
      ({ from, to }) => to === 'better-sqlite3' && !from.startsWith('src-main/catalog/'),
    );
    expect(breaches.map(({ from }) => from)).toEqual([]);
  });

  it('takes chance and time as arguments outside the hosts', () => {
    const offenders = sources
      .flatMap(listFiles)
      .filter((file) => pure.some((zone) => file.startsWith(`src-main/${zone}/`)))
      .filter((file) =>
        /\bMath\.random\(|\bDate\.now\(|\bnew Date\(\)/.test(readFileSync(join(root, file), 'utf8')),
      );
    expect(offenders).toEqual([]);
  });

  it('reads the imports it judges', () => {
    expect(imports.length).toBeGreaterThan(5);
    expect(imports.every(({ to }) => anyPackage.test(to) || node.test(to))).toBe(true);
  });
});
