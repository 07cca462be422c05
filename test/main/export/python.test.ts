import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportModel } from '#main/export/export-model.ts';
import { exportSubset } from '#main/export/export-subset.ts';
import { handedOver } from '#main/export/segment-row.ts';
import { folder, frame, sampleStudy } from './sample.ts';

const python = process.env['LIMBECK_PYTHON'] ?? 'python3';
const has = (module: string) => spawnSync(python, ['-c', `import ${module}`]).status === 0;
const run = (out: string, code: string): unknown =>
  JSON.parse(
    execFileSync(python, ['-B', '-c', `import json, numpy as np\n${code}`], { cwd: out, encoding: 'utf8' }),
  );

const hasNumpy = has('numpy');

describe.skipIf(!hasNumpy)('the Python loader (skipped where LIMBECK_PYTHON or python3 has no numpy)', () => {
  it.each([undefined, 5 * 3 * 512 * 4])(
    'loads the very values, shards of at most %s bytes',
    async (limitBytes) => {
      const { source, rows } = sampleStudy(5);
      const out = folder();
      const input = { ...frame(out), source, rows, formats: ['npz'] as const };
      await exportSubset(limitBytes === undefined ? input : { ...input, limitBytes });
      const groups = run(
        out,
        `
from load_limbeck import load
import hashlib
print(json.dumps([dict(name=g["name"], shape=g["signals"].shape, dtype=str(g["signals"].dtype),
  sha=hashlib.sha256(np.ascontiguousarray(g["signals"]).tobytes()).hexdigest(), electrodes=g["electrodes"].tolist(),
  rate=g["sfreq_hz"], labels=g["label"].tolist(), index=g["index"].tolist()) for g in load(".")]))`,
      ) as { sha: string; shape: number[]; labels: string[] }[];
      const { createHash } = await import('node:crypto');
      for (const [g, mine] of handedOver(rows)) {
        const values = await source.read(mine.map(({ index }) => index));
        const group = source.groups[g]!;
        expect(groups[g]).toEqual({
          name: `D-0${g + 1}`,
          shape: [mine.length, group.electrodes.length, group.samples],
          dtype: 'float32',
          sha: createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex'),
          electrodes: group.electrodes,
          rate: group.sfreqHz,
          labels: mine.map(({ label }) => label ?? ''),
          index: mine.map(({ index }) => index),
        });
      }
    },
  );
});

describe.skipIf(!has('pyedflib'))('pyedflib (skipped where it is not installed)', () => {
  it('opens a reel and sees the source within half a digital step', async () => {
    const { source, rows } = sampleStudy(5);
    const out = folder();
    await exportSubset({ ...frame(out), source, rows, formats: ['npz', 'edf'] });
    const { worst, marks, patient } = run(
      out,
      `
import csv, pyedflib
from load_limbeck import load
manifest = json.load(open("manifest.json"))
worst, marks, patient = 0, 0, ""
for entry, group in zip(manifest["groups"], load(".")):
    for reel in entry["edf"]:
        with pyedflib.EdfReader(reel["path"]) as edf:
            name = reel["path"].split("/")[1].split("_")[0]
            patient += edf.getHeader()["patientname"]
            rows = [i for i in np.lexsort((group["start_s"], group["recording"])) if group["subject"][i] == name]
            used = [group["electrodes"].tolist().index(label) for label in edf.getSignalLabels()]
            meant = np.concatenate([group["signals"][i][used] for i in rows], axis=1)
            for c in range(len(used)):
                step = (edf.getPhysicalMaximum(c) - edf.getPhysicalMinimum(c)) / 65534
                worst = max(worst, float(np.abs(edf.readSignal(c) - meant[c]).max() / step))
            marks += sum(text.startswith("R-") for text in edf.readAnnotations()[2])
print(json.dumps(dict(worst=worst, marks=marks, patient=patient)))`,
    ) as { worst: number; marks: number; patient: string };
    expect(worst).toBeLessThan(0.501);
    expect(patient).toMatch(/^X*$/);
    const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
    const reels = manifest.groups.flatMap(({ edf }: { edf: { joints: number }[] }) => edf);
    expect(marks).toBe(reels.reduce((sum: number, { joints }: { joints: number }) => sum + joints, 0));
  });
});

describe.skipIf(!has('pyarrow.parquet'))('pyarrow (skipped where it is not installed)', () => {
  it('reads the index as the rows are', async () => {
    const { source, rows } = sampleStudy(5);
    const out = folder();
    await exportSubset({ ...frame(out), source, rows, formats: ['parquet'] });
    const table = run(
      out,
      `
import pyarrow.parquet as pq
t = pq.read_table("segments.parquet")
print(json.dumps({name: t[name].to_pylist() for name in ("index", "order", "distance", "fate", "label")}))`,
    );
    expect(table).toEqual({
      index: rows.map(({ index }) => index),
      order: rows.map(({ order }) => order),
      distance: rows.map(({ distance }) => distance),
      fate: rows.map(({ fate }) => fate),
      label: rows.map(({ label }) => label),
    });
  });
});

describe.skipIf(!has('safetensors.numpy'))('safetensors (skipped where it is not installed)', () => {
  it('loads exported weights', async () => {
    const out = folder();
    const data = Float32Array.of(1, -2.5, 3e-41, 4, 5, 6);
    await exportModel({
      ...frame(out),
      tensors: { 'encoder.weight': { shape: [2, 3], data } },
      config: { architecture: 'art-gat' },
      report: null,
    });
    const loaded = run(
      out,
      `
from load_limbeck import load_weights
w, config = load_weights(".")
print(json.dumps([{k: [v.shape, v.ravel().tolist()] for k, v in w.items()}, config]))`,
    );
    expect(loaded).toEqual([{ 'encoder.weight': [[2, 3], [...data]] }, { architecture: 'art-gat' }]);
  });
});
