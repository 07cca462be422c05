/** HBOS scores and cut of N × 64 standardised latents beside PyOD in one run: `node test/bench/hbos.ts [N ...]`. */
import { cutOutliers } from '#main/distillation/outliers/cut.ts';
import { fitHbos } from '#main/distillation/outliers/hbos.ts';
import { latents } from './latents.ts';
import { askPeer, findPython, median, say, sizes } from './peer.ts';

const share = 0.0005;
const program = `
import sys, json, time, numpy as np
from pyod.models.hbos import HBOS
x = np.fromfile(sys.argv[1], np.float32).reshape(-1, 64)
bins = "auto" if sys.argv[2] == "auto" else int(sys.argv[2])
HBOS(n_bins=bins).fit(x[:1000].astype(np.float64))
start = time.perf_counter()
y = x.astype(np.float64)
y = (y - y.mean(0)) / y.std(0)
model = HBOS(n_bins=bins, contamination=${share}).fit(y)
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "threshold": float(model.threshold_), "rows": np.flatnonzero(model.labels_).tolist()}))
`;

const python = findPython('numpy', 'pyod');
for (const n of sizes()) {
  const x = latents(n);
  for (const bins of [10, 'auto'] as const) {
    let cut = cutOutliers(new Float64Array(), share, 'percentile');
    const seconds = await median(3, () => {
      cut = cutOutliers(fitHbos(x, 64, { bins }).scores, share, 'percentile');
    });
    say(`N = ${n}, bins ${bins}: ${seconds.toFixed(3)} s, ${cut.rows.length} flagged`);
    if (!python) continue;
    const peer = askPeer<{ seconds: number; threshold: number; rows: number[] }>(
      python,
      program,
      x,
      String(bins),
    );
    const ours = [...cut.rows].sort((a, b) => a - b);
    const same = ours.length === peer.rows.length && ours.every((row, i) => row === peer.rows[i]);
    say(
      `  PyOD: ${peer.seconds.toFixed(3)} s, ours ${(seconds / peer.seconds).toFixed(3)} of it; same rows: ${same}, thresholds differ by ${Math.abs(peer.threshold - cut.threshold!).toExponential(1)}`,
    );
  }
}
