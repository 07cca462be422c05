/** Exact greedy k-center, 5 % of N × 64, beside numba and numpy in one run: `node test/bench/kcenter.ts [N ...]`. */
import { kCenter } from '#main/distillation/selection/k-center.ts';
import { openThreads } from '#main/jobs/parallel.ts';
import { latents } from './latents.ts';
import { askPeer, findPython, median, say, sizes } from './peer.ts';

const program = `
import sys, json, time, numpy as np, numba
from numba import njit, prange
x = np.fromfile(sys.argv[1], np.float32).reshape(-1, 64)
k, runs = int(sys.argv[2]), int(sys.argv[3])

@njit(parallel=True, fastmath={"reassoc", "contract"})
def update(x, centre, nearest):
    for i in prange(x.shape[0]):
        total = np.float32(0)
        for j in range(x.shape[1]):
            difference = x[i, j] - centre[j]
            total += difference * difference
        nearest[i] = min(nearest[i], total)

def with_numba(k):
    nearest, picks, pick = np.full(len(x), np.inf, np.float32), np.empty(k, np.int32), 0
    for step in range(k):
        picks[step] = pick
        update(x, x[pick], nearest)
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

answer = {}
for name, function in (("numba", with_numba), ("numpy", with_numpy)):
    function(10)
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        picks = function(k)
        seconds.append(time.perf_counter() - start)
    answer[name] = {"seconds": sorted(seconds)[runs // 2], "picks": picks.tolist()}
if len(x) <= 20000:
    y = x.astype(np.float64)
    nearest, picks, pick = np.full(len(y), np.inf), np.empty(k, np.int32), 0
    for step in range(k):
        picks[step] = pick
        np.minimum(nearest, np.square(y - y[pick]).sum(1), out=nearest)
        pick = int(nearest.argmax())
    answer["float64"] = {"seconds": None, "picks": picks.tolist()}
print(json.dumps(answer))
`;

interface Answer {
  seconds: number | null;
  picks: number[];
}

const python = findPython('numpy', 'numba');
for (const n of sizes()) {
  const x = latents(n);
  const k = Math.floor(n / 20);
  const runs = n > 200_000 ? 1 : 3;
  const ours: { workers: number; seconds: number; order: Int32Array }[] = [];
  for (const workers of [1, 2]) {
    await using parallel = openThreads(workers);
    await kCenter(x.subarray(0, 64 * 3000), 64, { k: 10, parallel });
    let order: Int32Array = new Int32Array();
    const seconds = await median(runs, async () => {
      ({ order } = await kCenter(x, 64, { k, parallel }));
    });
    ours.push({ workers, seconds, order });
    const gmac = ((n * k * 64) / seconds / 1e9).toFixed(1);
    say(
      `N = ${n}, k = ${k}, ${workers} threads: ${seconds.toFixed(3)} s (${gmac} GMAC/s as if by brute force)`,
    );
  }
  const [one, two] = ours;
  say(`  one and two threads pick the same: ${one!.order.every((row, i) => row === two!.order[i])}`);
  if (!python) continue;
  const peers = askPeer<Record<string, Answer>>(python, program, x, String(k), String(runs));
  for (const [name, { seconds, picks }] of Object.entries(peers)) {
    const differ = picks.filter((row, i) => row !== two!.order[i]).length;
    const chosen = new Set(picks);
    const shared = two!.order.filter((row) => chosen.has(row)).length;
    const time =
      seconds === null
        ? 'reference'
        : `${seconds.toFixed(3)} s on all threads, ours on two ${(two!.seconds / seconds).toFixed(2)} of it`;
    say(`  ${name}: ${time}; ${differ} of ${k} places differ, ${shared} picks shared`);
  }
}
