/**
 * Preparing 10 min × 62 channels × 1000 Hz to segments at 200 Hz on one core, beside SciPy on the same file in one run.
 *
 *     node test/bench/prepare.ts [MINUTES]
 *
 * Steps of both: read the EDF, band-pass 0.1–75 Hz, notch 50 Hz, resample, cut windows of 4 s. Ours also judges each
 * window. Prints one JSON line: seconds, channel-hours per second, peak memory (MB = 10^6 bytes), the ratio of speeds
 * (wall and processor time; the second holds on a busy machine), and how far the two results are apart. Where no Python has SciPy and pyedflib, ours alone.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEdfWriter } from '#main/io/edf/write.ts';
import { readAgain } from '#main/io/read-again.ts';
import { openRecording } from '#main/io/readers.ts';
import { prepareRecording } from '#main/signal/prepare.ts';
import { prepareParams } from '#shared/params/prepare.ts';
import { createRandom } from '#shared/random.ts';
import { findPython, say } from './peer.ts';

const [minutesAsked, makeAt] = process.argv.slice(2);
const minutes = Number(minutesAsked ?? 10);
const channels = 62;
const sfreqHz = 1000;
const rateHz = 200;
const windowS = 4;
const params = prepareParams.parse({
  highPassHz: 0.1,
  lowPassHz: 75,
  notchHz: 50,
  sfreqHz: rateHz,
  reference: 'as-recorded',
  windowS,
  strideS: windowS,
});

const program = `
import json, resource, sys, time
import numpy as np, pyedflib
from fractions import Fraction
from scipy import signal
path, fs, length, probe = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
start, cpu = time.perf_counter(), time.process_time()
with pyedflib.EdfReader(path, annotations_mode=0) as file:
    channels, rate = file.signals_in_file, file.getSampleFrequency(0)
    out = None
    for c in range(channels):
        x = file.readSignal(c)
        x = signal.sosfiltfilt(signal.butter(4, [0.1, 75], "bandpass", fs=rate, output="sos"), x)
        x = signal.filtfilt(*signal.iirnotch(50, 30, rate), x)
        ratio = Fraction(fs, int(rate))
        x = signal.resample_poly(x, ratio.numerator, ratio.denominator)
        count = len(x) // length
        if out is None: out = np.empty((count, channels, length), np.float32)
        out[:, c] = x[:count * length].reshape(count, length)
seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
ours = np.fromfile(probe, np.float32)
theirs = out[count // 2].ravel()
print(json.dumps({"seconds": seconds, "cpu": cpu, "peakMB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
    "windows": count, "difference": float(np.abs(ours - theirs).max()), "rms": float(np.sqrt(np.mean(theirs ** 2)))}))
`;

interface Peer {
  seconds: number;
  cpu: number;
  peakMB: number;
  windows: number;
  difference: number;
  rms: number;
}

if (makeAt === undefined) await compare();
else await makeDense(makeAt);

async function compare(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'limbeck-bench-'));
  try {
    const path = join(folder, 'dense62.edf');
    // In a process of its own, whose memory is not counted.
    execFileSync(process.execPath, [fileURLToPath(import.meta.url), String(minutes), path]);
    const started = performance.now();
    const cpuBefore = process.cpuUsage();
    let windows = 0;
    let middle = new Float32Array(0);
    const recording = await openRecording(path);
    const positions = Array.from({ length: channels }, (_, c) => c);
    const read = readAgain(
      recording,
      positions.map((position) => ({ position, sfreqHz, factor: 1 })),
    );
    for await (const window of prepareRecording({
      read,
      electrodes: positions.map((c) => `E${c}`),
      sfreqHz,
      spans: recording.header.spans,
      params,
    })) {
      if (windows++ === Math.floor((minutes * 60) / windowS / 2)) middle = Float32Array.from(window.values);
    }
    const seconds = (performance.now() - started) / 1000;
    const cpuUsed = process.cpuUsage(cpuBefore);
    const cpu = (cpuUsed.user + cpuUsed.system) / 1e6;
    await recording.close();
    const peakMB = process.resourceUsage().maxRSS * 1.024e-3;
    const probe = join(folder, 'middle.f32');
    writeFileSync(probe, middle);
    const hours = (windows * windowS * channels) / 3600;
    const python = findPython('scipy', 'numpy', 'pyedflib');
    const peer =
      python === null
        ? null
        : (JSON.parse(
            execFileSync(python, ['-c', program, path, String(rateHz), String(windowS * rateHz), probe], {
              encoding: 'utf8',
              env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
            }),
          ) as Peer);
    const report = {
      work: `prepare to ${rateHz} Hz`,
      n: `${minutes} min × ${channels} × ${sfreqHz} Hz`,
      windows,
      seconds,
      cpuSeconds: cpu,
      channelHoursPerSecond: hours / seconds,
      timesRealTime: (minutes * 60) / seconds,
      peakMB,
      ...(peer && {
        peer: 'SciPy sosfiltfilt + resample_poly, 1 job',
        peerSeconds: peer.seconds,
        peerCpuSeconds: peer.cpu,
        peerChannelHoursPerSecond: hours / peer.seconds,
        peerPeakMB: peer.peakMB,
        speedRatio: peer.seconds / seconds,
        cpuSpeedRatio: peer.cpu / cpu,
        largestDifferenceUv: peer.difference,
        rmsUv: peer.rms,
      }),
    };
    say(
      JSON.stringify(report, (_, value) =>
        typeof value === 'number' ? Number(value.toPrecision(4)) : (value as unknown),
      ),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Rhythm, slow waves and noise, each channel its own; a minute of it is repeated with another offset. */
async function makeDense(to: string): Promise<void> {
  const random = createRandom(0);
  const noise = Float32Array.from({ length: 61 * sfreqHz }, () => random.normal() * 10);
  const writer = await createEdfWriter(to, {
    format: 'EDF+C',
    patient: '',
    recordingInfo: '',
    startedAt: null,
    recordS: 1,
    channels: Array.from({ length: channels }, (_, c) => ({
      label: `EEG ${c + 1}`,
      unit: 'uV',
      sfreqHz,
      physicalMin: -3276.8,
      physicalMax: 3276.7,
    })),
  });
  for (let second = 0; second < minutes * 60; second++) {
    await writer.writeRecord(
      second,
      Array.from({ length: channels }, (_, c) => {
        const from = ((second * 7 + c * 13) % 60) * sfreqHz;
        return Float32Array.from({ length: sfreqHz }, (_, j) => {
          const t = second + j / sfreqHz;
          return (
            noise[from + j]! +
            30 * Math.sin(2 * Math.PI * (8 + c / 20) * t) +
            20 * Math.sin(2 * Math.PI * 0.3 * t + c) +
            15 * Math.sin(2 * Math.PI * 50 * t)
          );
        });
      }),
    );
  }
  await writer.close();
}
