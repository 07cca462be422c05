/**
 * Exact greedy k-center beside numba and numpy in one run, one line of JSON per table:
 *
 *     node test/bench/kcenter.ts [--noise] [--share 0.05] [--table FILE COLUMNS] [--whole] [N ...]
 *
 * Tables are clusters of N × 64, noise of N × 64 with --noise, or a file of float32. Above 200 000 rows peers make a tenth of
 * their picks and the rest is reckoned (a pick costs them the same every time), unless --whole is given.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { kCenter } from '#main/distillation/selection/k-center.ts';
import { openThreads } from '#main/jobs/parallel.ts';
import { createRandom } from '#shared/random.ts';
import { latents } from './latents.ts';
import { findPython, middle, say } from './peer.ts';

interface Run {
  seconds: number;
  /** Highest resident memory before and after the work, 10⁶ bytes. */
  before: number;
  peak: number;
}

const peers = `
import sys, json, time, resource, numpy as np, numba
from numba import njit, prange
path, d, k, name, picked = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
x = np.fromfile(path, np.float32).reshape(-1, d)

@njit(parallel=True, fastmath={"reassoc", "contract"})
def update(x, centre, nearest):
    for i in prange(x.shape[0]):
        total = np.float32(0)
        for j in range(x.shape[1]):
            difference = x[i, j] - centre[j]
            total += difference * difference
        nearest[i] = min(nearest[i], total)

@njit(parallel=True)
def update_float64(x, centre, nearest):
    for i in prange(x.shape[0]):
        total = 0.0
        for j in range(x.shape[1]):
            difference = np.float64(x[i, j]) - np.float64(centre[j])
            total += difference * difference
        nearest[i] = min(nearest[i], total)

def direct(k, function, kind):
    nearest, picks, pick = np.full(len(x), np.inf, kind), np.empty(k, np.int32), 0
    for step in range(k):
        picks[step] = pick
        function(x, x[pick], nearest)
        pick = int(nearest.argmax())
    return picks

def with_numpy(k):
    c = x - x.mean(0)
    norms = np.einsum("ij,ij->i", c, c)
    out, nearest, picks, pick = np.empty(len(c), c.dtype), np.full(len(c), np.inf, np.float32), np.empty(k, np.int32), 0
    for step in range(k):
        picks[step] = pick
        np.dot(c, c[pick], out=out)
        np.multiply(out, -2, out=out)
        np.add(out, norms, out=out)
        np.add(out, norms[pick], out=out)
        np.minimum(nearest, out, out=nearest)
        nearest[pick] = 0
        pick = int(nearest.argmax())
    return picks

function = {"numba": lambda k: direct(k, update, np.float32), "numpy": with_numpy,
            "float64": lambda k: direct(k, update_float64, np.float64)}[name]
function(5)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
picks = function(k)
seconds = time.perf_counter() - start
picks.tofile(picked)
print(json.dumps({"seconds": seconds, "before": before * 1024 / 1e6,
                  "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6}))
`;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    noise: { type: 'boolean', default: false },
    whole: { type: 'boolean', default: false },
    share: { type: 'string', default: '0.05' },
    table: { type: 'string' },
    ours: { type: 'string' },
  },
});
if (flags.ours) await runOurs(flags.ours, positionals);
else await compare();

/** In a process of its own: rest = columns, picks, workers, where to write them. */
async function runOurs(path: string, rest: string[]): Promise<void> {
  const [d, k, workers] = rest.map(Number) as [number, number, number];
  const bytes = readFileSync(path);
  const x = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  await using parallel = openThreads(workers);
  await kCenter(x.subarray(0, d * 3000), d, { k: 10, parallel });
  const before = highest();
  const start = performance.now();
  const { order } = await kCenter(x, d, { k, parallel });
  const seconds = (performance.now() - start) / 1000;
  writeFileSync(rest[3]!, order);
  say(JSON.stringify({ seconds, before, peak: highest() } satisfies Run));
}

function highest(): number {
  return (process.resourceUsage().maxRSS * 1024) / 1e6;
}

async function compare(): Promise<void> {
  const python = findPython('numpy', 'numba');
  const folder = mkdtempSync(join(tmpdir(), 'limbeck-bench-'));
  try {
    if (flags.table) compareOn(flags.table, flags.table, Number(positionals[0]), python, folder);
    else
      for (const n of positionals.length > 0 ? positionals.map(Number) : [20_000, 100_000]) {
        const path = join(folder, 'table.f32');
        writeFileSync(path, flags.noise ? noise(n) : latents(n));
        compareOn(flags.noise ? 'noise' : 'clusters', path, 64, python, folder);
      }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function noise(n: number): Float32Array {
  const random = createRandom(1);
  return Float32Array.from({ length: n * 64 }, () => random.normal());
}

function compareOn(data: string, path: string, d: number, python: string | null, folder: string): void {
  const n = readFileSync(path).length / 4 / d;
  const k = Math.floor(n * Number(flags.share));
  const asked = n > 200_000 && !flags.whole ? Math.ceil(k / 10) : k;
  const rounds = n > 200_000 ? 1 : 3;
  const picked = (name: string) => join(folder, `${name}.i32`);
  const ours = (workers: number) =>
    run(process.execPath, [
      fileURLToPath(import.meta.url),
      '--ours',
      path,
      ...[d, k, workers].map(String),
      picked(`ours-${workers}`),
    ]);
  const theirs = (name: string, picks: number) =>
    run(python!, ['-c', peers, path, String(d), String(picks), name, picked(name)]);

  const most = availableParallelism();
  const runs: Record<string, Run[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const workers of new Set([most, 1])) (runs[`ours ${workers}`] ??= []).push(ours(workers));
    if (python) for (const name of ['numba', 'numpy']) (runs[name] ??= []).push(theirs(name, asked));
  }
  if (python) theirs('float64', asked);

  const picks = readPicks(picked(`ours-${most}`));
  const figures = Object.entries(runs).map(([name, each]) => {
    const seconds = middle(each.map((one) => one.seconds));
    const isOurs = name.startsWith('ours');
    return [
      name,
      {
        seconds: round(isOurs ? seconds : (seconds * k) / asked),
        ...(isOurs || asked === k ? {} : { reckonedFrom: `${asked} picks in ${round(seconds)} s` }),
        mbAboveInput: Math.round(Math.max(...each.map(({ peak, before }) => peak - before))),
        mbPeak: Math.round(Math.max(...each.map(({ peak }) => peak))),
        ...(isOurs ? {} : { picksEqual: equal(picks, readPicks(picked(name))) }),
      },
    ] as const;
  });
  const mine = Object.fromEntries(figures)[`ours ${most}`]!.seconds;
  const fastest = Math.min(
    ...figures.filter(([name]) => !name.startsWith('ours')).map(([, { seconds }]) => seconds),
  );
  say(
    JSON.stringify({
      work: 'greedy k-center',
      data,
      n,
      d,
      k,
      timesFasterThanFastestPeer: Number.isFinite(fastest) ? round(fastest / mine) : null,
      picksEqualToFloat64: python ? equal(picks, readPicks(picked('float64'))) : null,
      samePicksForAllWorkers: equal(picks, readPicks(picked('ours-1'))),
      ...Object.fromEntries(figures),
    }),
  );
}

function run(program: string, args: string[]): Run {
  const output = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(output.trim().split('\n').at(-1)!) as Run;
}

function readPicks(path: string): Int32Array {
  const bytes = readFileSync(path);
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** Over as many picks as both made. */
function equal(a: Int32Array, b: Int32Array): string {
  const length = Math.min(a.length, b.length);
  let same = 0;
  for (let i = 0; i < length; i++) if (a[i] === b[i]) same++;
  return `${same} of ${length}`;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
