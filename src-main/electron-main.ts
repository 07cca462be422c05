/** Electron's entry: hands the real Electron, and what the build left, to the host. */
import { join } from 'node:path';
import * as electron from 'electron';
import { hostElectron } from './electron.ts';
import { builtPage, root } from './here.ts';

hostElectron(
  electron,
  {
    preload: join(root, 'build', 'preload.cjs'),
    worker: join(root, 'build', 'main', 'src-main', 'worker.js'),
    page: builtPage,
  },
  { words: process.argv },
);
