import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Projects: `architecture` reads the imports; `node` is everything that runs in plain Node;
 * `state` renders Svelte state classes and components; `app` walks the whole product through its one fetch handler, the
 * command line and, where Chromium is present, the real page.
 */
export default defineConfig({
  root,
  test: {
    projects: [
      { test: { name: 'architecture', include: ['test/architecture.test.ts'] } },
      {
        test: {
          name: 'node',
          include: ['test/shared/**/*.test.ts', 'test/main/**/*.test.ts'],
          pool: 'forks',
          testTimeout: 60_000,
        },
      },
      {
        plugins: [svelte()],
        resolve: { conditions: ['browser'] },
        test: { name: 'state', include: ['test/renderer/**/*.test.ts'], testTimeout: 30_000 },
      },
      {
        test: {
          name: 'app',
          include: ['test/app/**/*.test.ts'],
          globalSetup: 'test/app/prepared.ts',
          pool: 'forks',
          maxWorkers: 2,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
