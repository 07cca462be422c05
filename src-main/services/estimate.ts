/** Says before the start how long, how much disk and memory a job will take, and what the guess rests on. */
import { freemem } from 'node:os';
import { readdir, statfs } from 'node:fs/promises';
import { AppError } from '#shared/errors.ts';
import type { JobInput } from '#shared/job-input.ts';
import type { Estimate } from '#shared/views.ts';
import { probeEngines } from './engines.ts';
import { workOf, type PhaseWork } from './job-work.ts';
import { engineName, observedRuns, type Observed } from './learned-rates.ts';
import type { Study } from './study.ts';

/**
 * Seconds per unit where no run tells better: of the sample study on two cores of a server, the wasm engine at `referenceGflops`.
 * A unit stands for all below it: 'fit' for 'fit/art-gat' where that is not named. Tensor units scale with the engine's speed.
 */
const measured: Record<string, { seconds: number; tensor: boolean }> = {
  start: { seconds: 0.5, tensor: false },
  little: { seconds: 0.05, tensor: false },
  file: { seconds: 0.02, tensor: false },
  'made-up value': { seconds: 1.7e-7, tensor: false },
  'prepared value': { seconds: 1.3e-7, tensor: false },
  compress: { seconds: 1e-6, tensor: true },
  'compress/demo': { seconds: 1.2e-7, tensor: true },
  describe: { seconds: 8e-7, tensor: true },
  'describe/demo': { seconds: 1e-7, tensor: true },
  'looked value': { seconds: 9e-9, tensor: false },
  pretrain: { seconds: 2e-5, tensor: true },
  'pretrain/one-model-for-all/demo': { seconds: 2.5e-6, tensor: true },
  fit: { seconds: 2e-7, tensor: true },
  'fit/art-gat/frozen': { seconds: 2e-8, tensor: true },
  folds: { seconds: 1.5e-7, tensor: true },
  'folds/art-gat/frozen': { seconds: 1.2e-8, tensor: true },
  'folds/baselines': { seconds: 5e-8, tensor: true },
  calibrate: { seconds: 8e-8, tensor: true },
  write: { seconds: 4e-8, tensor: false },
  'read back': { seconds: 5e-9, tensor: false },
  'search for names': { seconds: 5e-9, tensor: false },
};
const referenceGflops = 25;

function measuredOf(unit: string): { seconds: number; tensor: boolean } {
  for (let name = unit; ; name = name.slice(0, name.lastIndexOf('/'))) {
    const found = measured[name];
    if (found) return found;
    if (!name.includes('/')) throw new AppError('internal', `Nobody measured how long "${unit}" takes.`);
  }
}

/** The last so many observations of a unit count. */
const remembered = 5;
/** Shorter phases say nothing about the speed of a computer. */
const substantialS = 2;
/** Around what runs took: of 85 runs recorded on a busy computer, 72 came out within. */
const likely = { low: 0.65, high: 1.6 };
/** Around what was measured elsewhere. */
const unsure = { low: 0.4, high: 2.5 };
/** No guess is narrower. */
const leastRangeS = 0.1;

export async function estimateJob(study: Pick<Study, 'dir' | 'catalog'>, input: JobInput): Promise<Estimate> {
  const engines = await probeEngines('auto');
  const engine = engines.find((each) => each.chosen);
  const work = workOf(study.catalog, input, input.kind === 'import' ? await countFiles(input.paths) : 0);
  const observed = observedRuns(study.catalog);
  const guess = createGuess(observed, engine?.name ?? '', engine?.gflops ?? referenceGflops);
  const phases = work.phases.map((phase) => ({ name: phase.name, ...guess.seconds(phase) }));
  const disk = await statfs(study.dir);
  return {
    phases,
    lowS: phases.reduce((sum, phase) => sum + phase.lowS, 0),
    highS: phases.reduce((sum, phase) => sum + phase.highS, 0),
    diskBytes: work.diskBytes,
    diskFreeBytes: disk.bavail * disk.bsize,
    memoryBytes: work.memoryBytes,
    memoryFreeBytes: freemem(),
    engine: engine ? `${engine.name}, ${engine.device}` : 'none',
    basis: guess.basis(),
  };
}

/** A guess from what runs of this study took; else from how they compare with what was measured elsewhere; else from that alone. */
function createGuess(observed: readonly Observed[], engine: string, gflops: number) {
  /** By unit, what its guess rests on. */
  const grounds = new Map<string, { jobs: string[]; highS: number }>();
  const isTensor = (unit: string) => measuredOf(unit).tensor;
  const comparable = observed.filter((each) => !isTensor(each.unit) || engineName(each.engine) === engine);
  const speed = (tensor: boolean) => (tensor ? referenceGflops / gflops : 1);

  /** How much slower this computer is than the one measured on; null when no run tells. */
  function slowness(tensor: boolean): number | null {
    const ratios = comparable
      .filter(({ unit, seconds }) => isTensor(unit) === tensor && seconds >= substantialS)
      .map(({ unit, amount, seconds }) => seconds / (amount * measuredOf(unit).seconds));
    if (ratios.length === 0) return null;
    // Other work than this tells only half the story.
    return Math.sqrt(ratios.sort((a, b) => a - b)[ratios.length >> 1]!);
  }

  function seconds({ unit, amount }: PhaseWork): { lowS: number; highS: number } {
    const known = comparable.filter((each) => each.unit === unit).slice(0, remembered);
    let [lowS, highS] = [0, 0];
    if (known.length > 0) {
      const rates = known.map((each) => each.seconds / each.amount);
      // The further from anything that was run, the less is known.
      const away = Math.min(...known.map((each) => Math.max(amount / each.amount, each.amount / amount)));
      const doubt = Math.min(4, away ** 0.25);
      lowS = (amount * Math.min(...rates) * likely.low) / doubt;
      highS = amount * Math.max(...rates) * likely.high * doubt;
    } else {
      const { seconds: each, tensor } = measuredOf(unit);
      const expected = amount * each * (slowness(tensor) ?? speed(tensor));
      [lowS, highS] = [expected * unsure.low, expected * unsure.high];
    }
    if (amount > 0) highS = Math.max(highS, lowS + leastRangeS);
    if (unit !== 'start' && unit !== 'little')
      grounds.set(unit, { jobs: known.map(({ job }) => job), highS });
    return { lowS, highS };
  }

  function basis(): string {
    const main = [...grounds.values()].sort((a, b) => b.highS - a.highS)[0];
    const runs = new Set(main?.jobs).size;
    if (runs > 0) return `From ${runs === 1 ? 'a finished run' : `${runs} finished runs`} in this study.`;
    return comparable.some(({ seconds: spent }) => spent >= substantialS)
      ? 'From other finished runs in this study.'
      : 'From the speed of this engine in its self-test.';
  }

  return { seconds, basis };
}

/** Files below the paths, as many as an import would look at; what cannot be read is the import's to report. */
async function countFiles(paths: readonly string[]): Promise<number> {
  let files = 0;
  for (const path of paths) {
    const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => null);
    files += entries === null ? 1 : entries.filter((entry) => entry.isFile()).length;
  }
  return files;
}
