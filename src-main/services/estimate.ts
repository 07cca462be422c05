/** Says before the start how long, how much disk and memory a job will take, and what the guess rests on. */
import { freemem } from 'node:os';
import { statfs } from 'node:fs/promises';
import type { JobInput } from '#shared/job-input.ts';
import type { Estimate } from '#shared/views.ts';
import { probeEngines } from './engines.ts';
import type { Study } from './study.ts';

interface Work {
  /** Phases and how much of each kind of work they hold. */
  phases: { name: string; amount: number; kind: WorkKind }[];
  diskBytes: number;
  memoryBytes: number;
}

type WorkKind = 'file' | 'sample' | 'segment-pass' | 'segment' | 'pair' | 'channel-pass' | 'byte';

/**
 * Seconds per unit on one core of a 2024 office PC at 25 GFLOP/s; the tensor kinds scale with the engine's measured speed.
 * `sample`: one value of one channel prepared. `segment-pass`: one segment once through the compressor, forward and back.
 */
const secondsPer: Record<WorkKind, { seconds: number; tensor: boolean }> = {
  file: { seconds: 0.02, tensor: false },
  sample: { seconds: 2.5e-7, tensor: false },
  'segment-pass': { seconds: 2.5e-3, tensor: true },
  segment: { seconds: 1e-3, tensor: true },
  pair: { seconds: 1e-7, tensor: false },
  'channel-pass': { seconds: 1.2e-3, tensor: true },
  byte: { seconds: 5e-9, tensor: false },
};
const referenceGflops = 25;

export async function estimateJob(study: Study, input: JobInput): Promise<Estimate> {
  const engines = await probeEngines('auto');
  const engine = engines.find((each) => each.chosen);
  const speed = (engine?.gflops ?? referenceGflops) / referenceGflops;
  const work = workOf(study, input);
  const measured = ratioMeasured(study, input.kind);
  const spread = measured === null ? [0.5, 2] : [0.8, 1.3];
  const phases = work.phases.map(({ name, amount, kind }) => {
    const { seconds, tensor } = secondsPer[kind];
    const expected = ((amount * seconds) / (tensor ? speed : 1)) * (measured ?? 1);
    return { name, lowS: expected * spread[0]!, highS: expected * spread[1]! };
  });
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
    basis:
      measured === null
        ? 'From the speed of this engine in its self-test.'
        : 'From the last run of this kind in this study.',
  };
}

/** How much slower or faster the last finished run of this kind was than its guess; null without one. */
function ratioMeasured(study: Study, kind: JobInput['kind']): number | null {
  const last = study.catalog.jobs
    .list()
    .find((job) => job.kind === kind && job.status === 'done' && job.artifact !== null);
  const manifest = last?.artifact ? study.catalog.artifacts.get(last.artifact) : undefined;
  if (!last || !manifest) return null;
  const work = workOf(study, last.input as unknown as JobInput);
  const guess = work.phases.reduce((sum, phase) => sum + phase.amount * secondsPer[phase.kind].seconds, 0);
  return guess > 0 && manifest.seconds > 0 ? manifest.seconds / guess : null;
}

function workOf(study: Study, input: JobInput): Work {
  const { catalog } = study;
  const store = catalog.artifacts.list('segments')[0];
  const segments = Number(store?.summary['segments'] ?? 0);
  const groups = (store?.summary['groups'] ?? []) as {
    electrodes: string[];
    samples: number;
    segments: number;
  }[];
  const channels = groups.reduce((sum, group) => sum + group.segments * group.electrodes.length, 0);
  switch (input.kind) {
    case 'sample':
      return {
        phases: [{ name: 'Write recordings', amount: 2e7, kind: 'sample' }],
        diskBytes: 60e6,
        memoryBytes: 200e6,
      };
    case 'import':
      return { phases: [{ name: 'Read', amount: 100, kind: 'file' }], diskBytes: 1e6, memoryBytes: 150e6 };
    case 'prepare': {
      const recordings = catalog.recordings.list().filter((recording) => recording.refusal === null);
      const samples = recordings.reduce(
        (sum, recording) =>
          sum + catalog.recordings.channels(recording.id).reduce((own, channel) => own + channel.samples, 0),
        0,
      );
      return {
        phases: [{ name: 'Cut segments', amount: samples, kind: 'sample' }],
        diskBytes: samples * 4,
        memoryBytes: 300e6,
      };
    }
    case 'distill': {
      const { passes, learnFrom, orderUpTo, preset } = input.params;
      const usualPasses = { demo: 8, balanced: 20, paper: 50 }[preset];
      const learned = Math.min(
        segments,
        learnFrom || { demo: 5000, balanced: 20_000, paper: Infinity }[preset],
      );
      return {
        phases: [
          {
            name: 'Learn to describe',
            amount: learned * (passes || usualPasses) * (preset === 'demo' ? 1 : 8),
            kind: 'segment-pass',
          },
          { name: 'Describe all', amount: segments * (preset === 'demo' ? 1 : 8), kind: 'segment' },
          {
            name: 'Choose in order',
            amount: segments * segments * orderUpTo * (input.params.compare ? 6 : 1),
            kind: 'pair',
          },
        ],
        diskBytes: segments * 64 * 4 + 5e6,
        memoryBytes: segments * 64 * 8 + 400e6,
      };
    }
    case 'pretrain': {
      const samples = input.params.samplesPerPass || channels;
      return {
        phases: [
          {
            name: 'Learn',
            amount: samples * input.params.passes * (input.params.preset === 'demo' ? 1 : 10),
            kind: 'channel-pass',
          },
        ],
        diskBytes: 5e6,
        memoryBytes: 500e6,
      };
    }
    case 'finetune':
    case 'calibrate': {
      const labelled = Math.min(segments, catalog.labels.all().length * 5);
      const passes =
        input.kind === 'finetune'
          ? input.params.passes * input.params.folds
          : input.params.passes * input.params.points * input.params.draws;
      const sites = groups.length > 0 ? channels / Math.max(1, segments) : 20;
      return {
        phases: [{ name: 'Fit', amount: labelled * passes * sites * 0.2, kind: 'channel-pass' }],
        diskBytes: 5e6,
        memoryBytes: 500e6,
      };
    }
    case 'export': {
      const kept = segments * 0.05;
      const bytes =
        kept *
        (groups[0] ? groups[0].electrodes.length * groups[0].samples * 4 : 1e5) *
        input.params.formats.length;
      return {
        phases: [{ name: 'Write and read back', amount: bytes, kind: 'byte' }],
        diskBytes: bytes,
        memoryBytes: 300e6,
      };
    }
  }
}
