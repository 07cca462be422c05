/** One walk through every verb of the loop, by the real command line, made once for all tests of the whole product. */
import type { TestProject } from 'vitest/node';
import { openBench, type Ended } from './limbeck.ts';

/** The engine that does not depend on what else is installed here. */
export const engine = ['--engine', 'wasm'];

/** Short enough for a test, and every phase is walked. */
export const lines: Record<string, string[]> = {
  sample: ['--size', 'tiny'],
  prepare: [],
  distill: [...engine, '--passes', '1', '--keep', '0.1', '--no-compare'],
  pretrain: [...engine, '--recipe', 'one-model-for-all', '--epochs', '2', '--samples-per-pass', '64'],
  finetune: [...engine, '--split', 'trial', '--folds', '2', '--passes', '1', '--no-baselines'],
  calibrate: [
    ...engine,
    '--subject',
    'Film clips/F01',
    '--minutes',
    '1',
    '--points',
    '1',
    '--draws',
    '1',
    '--passes',
    '1',
  ],
};

export interface Prepared {
  /** To be copied, not changed; its recordings are read where they are. */
  study: string;
  /** How each line ended, with `--json --quiet`. */
  ended: Record<string, Pick<Ended, 'status' | 'stdout' | 'stderr'>>;
  /** What all lines took together. */
  ms: number;
}

declare module 'vitest' {
  interface ProvidedContext {
    prepared: Prepared;
  }
}

export default async function prepare(project: TestProject): Promise<() => void> {
  const bench = openBench();
  const study = bench.path('study');
  const started = performance.now();
  const ended: Prepared['ended'] = {};
  for (const [verb, words] of Object.entries(lines)) {
    const { status, stdout, stderr } = await bench.run(verb, '--study', study, '--json', '--quiet', ...words);
    if (status !== 0) throw new Error(`limbeck ${verb} ended with ${status}: ${stdout} ${stderr}`);
    ended[verb] = { status, stdout, stderr };
  }
  project.provide('prepared', { study, ended, ms: performance.now() - started });
  return () => bench.remove();
}
