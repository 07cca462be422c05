/**
 * Measures how fast a day of EEG opens: 24 h × 24 channels × 256 Hz, 1 GiB.
 *
 *     node test/bench/open-page.ts [PATH]
 *
 * Makes the file at PATH (default: the folder for temporary files) unless it is there, then prints one JSON document.
 */
import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileHash } from '#main/io/file-hash.ts';
import { createEdfWriter } from '#main/io/edf/write.ts';
import { openRecording } from '#main/io/readers.ts';
import { createRandom } from '#shared/random.ts';

const hours = 24;
const channels = 24;
const sfreqHz = 256;
const pageS = 10;

const given = process.argv[2];
const path = given ?? join(tmpdir(), `limbeck-day-${process.pid}.edf`);
if (!existsSync(path)) await makeDay(path);
const hash = await fileHash(path);
const pages: number[] = [];

const started = performance.now();
const recording = await openRecording(path);
const openedMs = performance.now() - started;
const all = Array.from({ length: channels }, (_, channel) => channel);
await recording.read(0, pageS, all);
const firstPageMs = performance.now() - started;
const next = await timed(() => recording.read(pageS, pageS, all));
const random = createRandom(0);
for (let n = 0; n < 200; n++)
  pages.push(await timed(() => recording.read(random.below(hours * 3600 - pageS), pageS, all)));
pages.sort((a, b) => a - b);
const rssMiB = process.resourceUsage().maxRSS / 1024;
const annotationsMs = await timed(() => recording.annotations());
const hourMs = await timed(() => recording.read(3600, 600, all));
await recording.close();
const report = {
  bytes: recording.header.bytes,
  pageSeconds: pageS,
  openMs: openedMs,
  openAndFirstPageMs: firstPageMs,
  nextPageMs: next,
  randomPageMs: { median: pages[100], p95: pages[190], worst: pages[199] },
  annotationsScanMs: annotationsMs,
  tenMinutesMs: hourMs,
  peakRssMiB: Math.round(rssMiB),
  unchanged: (await fileHash(path)) === hash,
};
process.stdout.write(
  `${JSON.stringify(report, (_, value) => (typeof value === 'number' ? Math.round(value * 100) / 100 : (value as unknown)), 2)}\n`,
);
if (given === undefined) rmSync(path);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** Noise that repeats every minute; what it holds does not matter, how it lies on disk does. */
async function makeDay(to: string): Promise<void> {
  const random = createRandom(0);
  const minute = Array.from({ length: 60 }, () =>
    Array.from({ length: channels }, () =>
      Float32Array.from({ length: sfreqHz }, () => random.normal() * 30),
    ),
  );
  const writer = await createEdfWriter(to, {
    format: 'EDF+C',
    patient: '',
    recordingInfo: '',
    startedAt: null,
    recordS: 1,
    channels: Array.from({ length: channels }, (_, channel) => ({
      label: `EEG ${channel + 1}`,
      unit: 'uV',
      sfreqHz,
      physicalMin: -3276.8,
      physicalMax: 3276.7,
    })),
  });
  for (let second = 0; second < hours * 3600; second++)
    await writer.writeRecord(
      second,
      minute[second % 60]!,
      second % 600 === 0 ? [{ onsetS: second, durationS: 0, text: `minute ${second / 60}` }] : [],
    );
  await writer.close();
}
