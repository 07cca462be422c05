/** `outliers` and `select`: HBOS and exact greedy k-center on any NumPy table [n, d]. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AppError } from '#shared/errors.ts';
import type { Progress } from '#shared/jobs.ts';
import { flagRows, selectRows } from '#main/distillation/any-table.ts';
import { decodeNpy, encodeNpy } from '#main/export/npy.ts';
import { encodeNpz } from '#main/export/npz.ts';
import { openThreads } from '#main/jobs/parallel.ts';
import { defaultWorkers } from '#main/jobs/runner.ts';
import { numberOf } from './arguments.ts';
import { UsageError, type Verb, type VerbCall } from './verb.ts';
import { writeWhole } from './whole-file.ts';

export const outliersVerb: Verb = {
  summary: 'Flags odd rows of any table [n, d] by HBOS.',
  usage: 'X.npy [--bins auto|N] [--contamination C] [--out SCORES.npy]',
  takesWords: true,
  options: {
    bins: { type: 'string' },
    contamination: { type: 'string' },
    mode: { type: 'string' },
    'auto-bins': { type: 'string' },
    out: { type: 'string' },
  },
  async run({ rest, values }) {
    const { data, n, d } = await readTable(rest);
    const contamination = numberOf(values, 'contamination', 0.1);
    if (!(contamination > 0 && contamination <= 0.5))
      throw new UsageError('--contamination takes a share above 0 and at most 0.5.');
    const mode = String(values['mode'] ?? 'percentile');
    if (mode !== 'percentile' && mode !== 'exact') throw new UsageError('--mode takes percentile or exact.');
    const rule = String(values['auto-bins'] ?? 'pyod');
    if (rule !== 'pyod' && rule !== 'birge-rozenholc')
      throw new UsageError('--auto-bins takes pyod or birge-rozenholc.');
    const bins =
      values['bins'] === undefined || values['bins'] === 'auto' ? 'auto' : numberOf(values, 'bins', 10);
    const started = performance.now();
    // As PyOD does, the table is taken as it is, not standardised.
    const flagged = flagRows(data, d, {
      share: contamination,
      mode,
      bins,
      binRule: rule,
      standardise: false,
    });
    const seconds = (performance.now() - started) / 1000;
    if (typeof values['out'] === 'string')
      await writeWhole(values['out'], encodeNpy({ shape: [n], data: flagged.scores }));
    const rows = [...flagged.rows].sort((a, b) => a - b);
    const json = {
      n,
      d,
      flagged: rows.length,
      rows,
      threshold: flagged.threshold,
      bins: flagged.bins,
      warnings: flagged.warnings,
      seconds,
    };
    return {
      json,
      text: `${rows.length} of ${n} rows are odd: ${rows.slice(0, 20).join(', ')}${rows.length > 20 ? ', …' : ''}`,
    };
  },
};

export const selectVerb: Verb = {
  summary: 'Exact greedy k-center on any table [n, d].',
  usage: 'X.npy --keep F|--count K [--outliers C] [--start I] [--out ORDER.npy|BOTH.npz]',
  takesWords: true,
  options: {
    keep: { type: 'string' },
    count: { type: 'string' },
    outliers: { type: 'string' },
    start: { type: 'string' },
    fill: { type: 'boolean' },
    out: { type: 'string' },
  },
  async run({ rest, values, flags, signal }) {
    if ((values['keep'] === undefined) === (values['count'] === undefined))
      throw new UsageError('Give either --keep F, a share, or --count K, a number.');
    const keep = numberOf(values, 'keep', 1);
    if (!(keep > 0 && keep <= 1)) throw new UsageError('--keep takes a share above 0 and at most 1.');
    const { data, n, d } = await readTable(rest);
    const count = numberOf(values, 'count', 1);
    if (count > n)
      throw new AppError(
        'invalid-input',
        `The table has ${n} rows; give --count ${n} or fewer, not ${count}.`,
      );
    await using threads = openThreads(flags.workers ?? defaultWorkers());
    const started = performance.now();
    const chosen = await selectRows(data, d, {
      ...(values['keep'] === undefined ? { count } : { keep }),
      ...(values['outliers'] === undefined ? {} : { outliers: numberOf(values, 'outliers', 0) }),
      ...(values['start'] === undefined ? {} : { start: numberOf(values, 'start', 0) }),
      fill: values['fill'] === true,
      parallel: threads,
      progress: quiet(signal),
    });
    const seconds = (performance.now() - started) / 1000;
    const { order, radius, atLeast, rejected } = chosen;
    const asked = values['keep'] === undefined ? count : Math.floor(keep * n + 1e-9);
    const warnings =
      order.length < asked
        ? [
            ...chosen.warnings,
            `Only ${order.length} of ${asked} rows could be chosen; the rest are odd or equal.`,
          ]
        : chosen.warnings;
    const hash = createHash('sha256')
      .update(new Uint8Array(order.buffer, order.byteOffset, order.byteLength))
      .digest('hex');
    if (typeof values['out'] === 'string') await writeOrder(values['out'], order, radius);
    const last = radius.at(-1) ?? null;
    const json = {
      n,
      d,
      k: order.length,
      radius: last,
      atLeast,
      rejected: rejected.length,
      hash,
      warnings,
      seconds,
    };
    return {
      json,
      text: `${order.length} of ${n} rows; every other row is within ${last?.toPrecision(6)} of one of them. Order ${hash.slice(0, 16)}…, ${seconds.toFixed(2)} s.`,
    };
  },
};

/** One .npz with `order` and `radius`, or the order as .npy with the radii beside it. */
async function writeOrder(out: string, order: Int32Array, radius: Float64Array): Promise<void> {
  const orderArray = { shape: [order.length], data: order };
  const radiusArray = { shape: [radius.length], data: radius };
  if (out.endsWith('.npz')) {
    await writeWhole(out, encodeNpz({ order: orderArray, radius: radiusArray }));
    return;
  }
  const prefix = out.replace(/\.npy$/, '');
  await writeWhole(`${prefix}.npy`, encodeNpy(orderArray));
  await writeWhole(`${prefix}.radius.npy`, encodeNpy(radiusArray));
}

async function readTable(rest: VerbCall['rest']): Promise<{ data: Float32Array; n: number; d: number }> {
  const [path, ...more] = rest;
  if (path === undefined || more.length > 0) throw new UsageError('Which table? Name exactly one .npy file.');
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new AppError('not-found', `${path} cannot be read; check the path.`, { cause });
  });
  const { shape, data } = decodeNpy(bytes);
  const [n, d] = shape;
  if (shape.length !== 2 || n === undefined || d === undefined || n === 0 || d === 0) {
    throw new AppError(
      'invalid-input',
      `${path} has the shape [${shape.join(', ')}]; a table of rows and columns, [n, d], is needed.`,
    );
  }
  return { data: data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>), n, d };
}

function quiet(signal: AbortSignal): Progress {
  return { signal, stopRequested: () => false, report: () => undefined };
}
