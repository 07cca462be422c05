/**
 * Builds the back end for Electron, which runs no TypeScript: src-main and src-shared file by file into build/main; with
 * `--mode preload` the bridge into build/preload.cjs, one CommonJS file, since a sandboxed preload can load no other.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin, type UserConfig } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));
const source = (name: string) => join(root, 'src-main', name);

/** Whatever is started as a process or thread of its own; all else hangs on these by imports. */
const entries = [
  'electron-main.ts',
  'worker.ts',
  'jobs/probe-engines.ts',
  'jobs/parallel-worker.ts',
  'jobs/training-member.ts',
];

/** Migrations are read as files, not imported. */
function copyMigrations(): Plugin {
  const folder = 'src-main/catalog/migrations';
  return {
    name: 'limbeck-migrations',
    writeBundle: ({ dir }) => cpSync(join(root, folder), join(dir!, folder), { recursive: true }),
  };
}

const main: UserConfig = {
  plugins: [copyMigrations()],
  build: {
    ssr: true,
    outDir: join(root, 'build', 'main'),
    emptyOutDir: true,
    rolldownOptions: {
      input: entries.map(source),
      output: {
        format: 'es',
        preserveModules: true,
        preserveModulesRoot: root,
        entryFileNames: '[name].js',
      },
    },
  },
};

const preload: UserConfig = {
  build: {
    ssr: true,
    outDir: join(root, 'build'),
    emptyOutDir: false,
    rolldownOptions: {
      input: source('preload.ts'),
      external: ['electron'],
      output: { format: 'cjs', entryFileNames: 'preload.cjs' },
    },
  },
};

export default defineConfig(({ mode }) => {
  const { build, plugins } = mode === 'preload' ? preload : main;
  return {
    root,
    publicDir: false,
    plugins: plugins ?? [],
    ssr: { external: true },
    build: { ...build, target: 'node24', minify: false, reportCompressedSize: false },
  };
});
