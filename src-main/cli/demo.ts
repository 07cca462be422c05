/** `demo`: makes the sample study and runs the whole loop on it; run again, it goes on where it was. */
import { resolve } from 'node:path';
import type { EvaluationFile } from '#shared/metrics.ts';
import { jobInput, sampleInput, type JobRequest } from '#shared/job-input.ts';
import type { SampleParams } from '#shared/params/sample.ts';
import type { Manifest } from '#shared/artifacts.ts';
import { findArtifact } from '#main/store/artifact.ts';
import { probeEngines } from '#main/services/engines.ts';
import type { JobOutput } from '#main/jobs/job.ts';
import type { Study } from '#main/services/study.ts';
import { requestOf } from './arguments.ts';
import { inStudy, runToEnd } from './session.ts';
import { table } from './terminal.ts';
import type { FlagValues, Verb, VerbCall } from './verb.ts';

/** Share kept; of some 1,000 segments, 5 % would leave too few to learn from. */
const keep = 0.1;
/** Channels drawn from each segment and pass, for whatever the model learns from. */
const channelsPerSegment = 2;
const passes = 5;
const shortFinetune = {
  split: 'subject',
  folds: 3,
  passes: 20,
  encoderRate: 0,
  headRate: 3e-3,
  patience: 4,
} as const;

interface Step {
  name: string;
  seconds: number;
}

interface Row {
  name: string;
  segments: number;
  pretrainSeconds: number;
  metric: number | null;
  low: number | null;
  high: number | null;
}

export const demoVerb: Verb = {
  summary: 'Makes a sample study and runs the whole loop on it.',
  usage: '[--out DIR]',
  options: { out: { type: 'string' }, seed: { type: 'string' }, size: { type: 'string' } },
  async run(call) {
    const { params } = sampleOf(call.values);
    const out = resolve(String(call.values['out'] ?? 'sample-study'));
    const started = performance.now();
    // One process for all its jobs: each would start the engine anew.
    return inStudy({ ...call.flags, study: out, inline: true }, async (study) => {
      // Tried once here rather than by every job.
      const engine =
        call.flags.engine === 'auto'
          ? ((await probeEngines('auto')).find((each) => each.chosen)?.name ?? 'auto')
          : call.flags.engine;
      const loop = new Loop(study, { ...call, flags: { ...call.flags, engine } }, params);
      const { rows, leaking, chance, calibration } = await loop.run();
      const seconds = (performance.now() - started) / 1000;
      const json = { study: out, seconds, steps: loop.steps, comparison: rows, chance, leaking, calibration };
      return { json, text: report(out, seconds, loop.steps, rows, chance, leaking, calibration) };
    });
  },
};

/** @throws UsageError */
function sampleOf(values: FlagValues): { params: SampleParams } {
  const request = requestOf('sample', values, []);
  return { params: sampleInput.parse(request).params };
}

class Loop {
  readonly steps: Step[] = [];
  readonly #study: Study;
  readonly #call: VerbCall;
  readonly #sample: SampleParams;

  constructor(study: Study, call: VerbCall, sample: SampleParams) {
    this.#study = study;
    this.#call = call;
    this.#sample = sample;
  }

  async run() {
    const { seed } = this.#sample;
    await this.#do('Make the sample recordings', { kind: 'sample', params: this.#sample });
    const prepared = await this.#do('Prepare', { kind: 'prepare' });
    const segments = Number(manifestOf(prepared).summary['segments']);
    await this.#do('Distil', { kind: 'distill', params: { keep, outliers: 0.005, passes: 5, seed } });
    const rows: Row[] = [];
    let chance = 0;
    let distilled = '';
    const ways: { name: string; request: Extract<JobRequest, { kind: 'pretrain' }>; share: number }[] = [
      { name: 'everything', request: { kind: 'pretrain', subset: 'full' }, share: 1 },
      { name: 'distilled', request: { kind: 'pretrain' }, share: keep },
      ...[0, 1, 2].map((draw) => ({
        name: `random ${draw + 1}`,
        request: { kind: 'pretrain' as const, by: `random-${draw}` },
        share: keep,
      })),
      { name: 'PCA', request: { kind: 'pretrain', by: 'pca' }, share: keep },
    ];
    for (const { name, request, share } of ways) {
      const samplesPerPass = Math.max(64, Math.round(segments * share * channelsPerSegment));
      const model = manifestOf(
        await this.#do(`Pre-train on ${name}`, { ...request, params: { passes, samplesPerPass, seed } }),
      );
      if (name === 'distilled') distilled = model.id;
      const fitted = await this.#do(`Fine-tune from ${name}`, {
        kind: 'finetune',
        model: model.id,
        params: { ...shortFinetune, baselines: false, seed },
      });
      const report = await this.#report(fitted);
      chance = report.chance.upTo;
      rows.push(rowOf(name, Number(model.summary['segments']), model.seconds, report));
    }
    const scratch = await this.#report(
      await this.#do('Fine-tune from nothing', {
        kind: 'finetune',
        model: 'none',
        params: { ...shortFinetune, seed },
      }),
    );
    rows.push(rowOf('no pre-training', 0, 0, scratch));
    for (const {
      name,
      balancedAccuracy: { value, low, high },
    } of scratch.comparison.slice(1))
      rows.push({ name, segments: 0, pretrainSeconds: 0, metric: value, low, high });
    const windows = await this.#report(
      await this.#do('The same by windows', {
        kind: 'finetune',
        model: distilled,
        params: { ...shortFinetune, split: 'window', baselines: false, seed },
      }),
    );
    const subject = scratch.perSubject[0]!.subject;
    const calibrated = await this.#do('Calibrate one subject', {
      kind: 'calibrate',
      model: distilled,
      params: { subject, minutes: 1.5, points: 3, draws: 2, passes: 10, seed },
    });
    const out = resolve(this.#study.dir, 'exports');
    const card = {
      title: 'Sample study',
      consent: 'None needed: the recordings are made up.',
      licence: 'CC0-1.0',
    };
    await this.#do('Export the subset', {
      kind: 'export',
      params: { what: 'subset', formats: ['npz', 'parquet', 'edf'], out: `${out}/subset`, card },
    });
    await this.#do('Export the model', {
      kind: 'export',
      params: { what: 'model', id: distilled, formats: ['safetensors'], out: `${out}/model`, card },
    });
    await this.#do('Export the report', {
      kind: 'export',
      params: { what: 'report', formats: ['html'], out: `${out}/report`, card },
    });
    return { rows, chance, leaking: windows.metrics.balancedAccuracy.value, calibration: calibrated.result };
  }

  async #do(name: string, request: JobRequest): Promise<JobOutput> {
    const started = performance.now();
    const { output } = await runToEnd(
      this.#study,
      jobInput.parse(request),
      this.#call.flags,
      this.#call.signal,
    );
    this.steps.push({ name, seconds: (performance.now() - started) / 1000 });
    return output;
  }

  async #report(output: JobOutput): Promise<
    EvaluationFile & {
      baselines?: {
        name: string;
        balancedAccuracy: { value: number | null; low: number | null; high: number | null };
      }[];
    }
  > {
    const evaluation = output.artifacts.find((manifest) => manifest.kind === 'evaluation')!;
    const artifact = await findArtifact(this.#study.dir, evaluation.id);
    return artifact!.json('report.json');
  }
}

function manifestOf(output: JobOutput): Manifest {
  return output.artifacts.at(-1)!;
}

function rowOf(name: string, segments: number, pretrainSeconds: number, report: EvaluationFile): Row {
  const { value, low, high } = report.metrics.balancedAccuracy;
  return { name, segments, pretrainSeconds, metric: value, low, high };
}

function report(
  study: string,
  seconds: number,
  steps: readonly Step[],
  rows: readonly Row[],
  chance: number,
  leaking: number | null,
  calibration: string,
): string {
  const percent = (value: number | null) => (value === null ? '' : `${(100 * value).toFixed(1)} %`);
  return [
    table([['step', 'seconds'], ...steps.map((step) => [step.name, step.seconds.toFixed(1)])]),
    '',
    'Right answers on subjects never seen, each class counted alike (encoder frozen after pre-training):',
    table([
      ['pre-trained on', 'segments', 'seconds', 'right', '95 % interval'],
      ...rows.map((row) => [
        row.name,
        row.segments,
        row.pretrainSeconds.toFixed(1),
        percent(row.metric),
        `${percent(row.low)} – ${percent(row.high)}`,
      ]),
    ]),
    `Guessing could reach ${percent(chance)} by luck. Tested on windows of known trials, which leaks, the distilled model would claim ${percent(leaking)}.`,
    calibration,
    '',
    `The whole loop took ${seconds.toFixed(0)} s. Look at it: npm start -- ${study}`,
  ].join('\n');
}
