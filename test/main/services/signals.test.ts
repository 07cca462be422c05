/** Pages as the viewer asks for them: what is filtered and what is not, what is saturated, what is grey. */
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobInput } from '#shared/job-input.ts';
import type { TraceView, WindowView } from '#shared/views.ts';
import { createEdfWriter } from '#main/io/edf/write.ts';
import { runJob } from '#main/jobs/run.ts';
import { signalService } from '#main/services/signals.ts';
import { Studies } from '#main/services/study.ts';
import { SettingsFile } from '#main/settings.ts';
import { temporaryFolder } from '../../make/edf-files.ts';
import { openQueue } from '../jobs/small-study.ts';

const [rate, seconds, limit] = [128, 40, 200];
const sites = ['Fp1', 'F7', 'T7', 'P7', 'O1', 'Fp2', 'F8', 'T8', 'P8', 'O2'];
const saturated = { site: 'T7', fromS: 12.5, toS: 14.25 };
/** Steps at 11 and 13 s, and back. */
const code = (atS: number): number => (atS >= 11 && atS < 12 ? 4 : atS >= 13 && atS < 13.5 ? 64 : 0);

let folder: ReturnType<typeof temporaryFolder>;
let studies: Studies;
let recording: string;
beforeAll(async () => {
  folder = temporaryFolder();
  const path = join(folder.path, 'page.edf');
  await writeRecording(path);
  const dir = join(folder.path, 'study');
  const { catalog, queue } = openQueue(dir);
  await queue.finished(queue.add(jobInput.parse({ kind: 'import', paths: [path] })).id);
  recording = catalog.recordings.list()[0]!.id;
  catalog.close();
  studies = new Studies(new SettingsFile(join(folder.path, 'settings')), runJob);
  await studies.openAt(dir);
});
afterAll(async () => {
  await studies.close();
  folder[Symbol.dispose]();
});

async function writeRecording(path: string): Promise<void> {
  const potential = (label: string) => ({
    label,
    unit: 'uV',
    sfreqHz: rate,
    physicalMin: -limit,
    physicalMax: limit,
  });
  const writer = await createEdfWriter(path, {
    format: 'EDF+C',
    patient: '',
    recordingInfo: '',
    startedAt: '2020-03-04T05:06:07',
    recordS: 1,
    channels: [
      ...sites.map((site) => potential(`EEG ${site}-REF`)),
      { label: 'Status', unit: '', sfreqHz: rate, physicalMin: 0, physicalMax: 255 },
      potential('Resp'),
    ],
  });
  const eeg = (site: string, atS: number): number => {
    // The mains only in the last ten seconds.
    const mains = atS >= 30 ? 8 * Math.sin(2 * Math.PI * 50 * atS) : 0;
    const wave = 30 * Math.sin(2 * Math.PI * 10 * atS) + 2 * Math.sin(2 * Math.PI * 31 * atS * atS) + mains;
    const isOver = site === saturated.site && atS >= saturated.fromS && atS < saturated.toS;
    return isOver ? limit : wave;
  };
  for (let second = 0; second < seconds; second++) {
    const values = (of: (atS: number) => number) =>
      Float32Array.from({ length: rate }, (_, i) => of(second + i / rate));
    await writer.writeRecord(second, [
      ...sites.map((site) => values((atS) => eeg(site, atS))),
      values(code),
      values((atS) => 100 * Math.sin(2 * Math.PI * 0.2 * atS)),
    ]);
  }
  await writer.close();
}

const ask = { startS: 10, seconds: 10, lffHz: 1, hffHz: 35, notchHz: 50, pixels: 0 };
const window = (request: Partial<typeof ask> & { montage: string }): Promise<WindowView> =>
  createRouterClient(signalService(studies), { context: {} }).window({ recording, ...ask, ...request });
async function valuesOf({ data, traces }: WindowView, label: string): Promise<Float32Array> {
  const { offset, count } = named(traces, label);
  return new Float32Array(await data.arrayBuffer()).subarray(offset, offset + count);
}
const named = (traces: readonly TraceView[], label: string): TraceView =>
  traces.find((trace) => trace.label === label)!;

describe('a page', () => {
  it('shows codes as they were recorded, whatever its filters are', async () => {
    const page = await window({ montage: 'as-recorded' });
    expect(named(page.traces, 'Status')).toMatchObject({ kind: 'trigger', filtered: 'none', unit: '' });
    const codes = await valuesOf(page, 'Status');
    expect([...codes].map(Math.round)).toEqual(Array.from(codes, (_, i) => code(10 + i / rate)));
  });

  it('keeps breath, which the low filter of EEG would take away', async () => {
    const page = await window({ montage: 'as-recorded' });
    expect(named(page.traces, 'Resp').filtered).toBe('not-low');
    const breath = await valuesOf(page, 'Resp');
    expect(Math.max(...breath)).toBeGreaterThan(95);
  });

  it('says to the sample where a channel was at its limit, in every filter and in every row it is part of', async () => {
    const found = { startS: saturated.fromS, endS: saturated.toS, channel: 2 };
    for (const filters of [{}, { lffHz: 0, hffHz: 0, notchHz: 0 }, { lffHz: 5, hffHz: 15 }]) {
      const { traces } = await window({ montage: 'banana', ...filters });
      for (const label of ['F7-T7', 'T7-P7']) expect(named(traces, label).saturated).toEqual([found]);
      expect(named(traces, 'Fp1-F7').saturated).toEqual([]);
    }
    const { traces } = await window({ montage: 'average' });
    expect(traces.filter((trace) => trace.saturated.length > 0).map(({ label }) => label)).toEqual([
      'T7-AVG',
    ]);
  });

  it('says where a channel stands still, which a low filter would round off', async () => {
    const { traces } = await window({ montage: 'banana', lffHz: 5 });
    expect(named(traces, 'T7-P7').stuck).toEqual([
      { startS: saturated.fromS, endS: saturated.toS, channel: 2 },
    ]);
    expect(named(traces, 'Fp1-F7').stuck).toEqual([]);
  });

  it('cuts a saturated stretch at its edges', async () => {
    const { traces } = await window({ montage: 'as-recorded', startS: 13, seconds: 1 });
    expect(traces.flatMap((trace) => trace.saturated)).toEqual([{ startS: 13, endS: 14, channel: 2 }]);
  });

  it('tells when a notch would help, and only then', async () => {
    const client = createRouterClient(signalService(studies), { context: {} });
    const spectrum = (startS: number, notchHz: number) =>
      client.spectrum({ recording, ...ask, hffHz: 0, montage: 'as-recorded', startS, notchHz });
    expect((await spectrum(0, 0)).mainsHz).toBeNull();
    expect((await spectrum(30, 0)).mainsHz).toBe(50);
    expect((await spectrum(30, 50)).mainsHz).toBeNull();
  });

  it('draws rows of a bad site grey with the reason and leaves them out of its spectrum', async () => {
    const { marks } = studies.current().catalog;
    marks.setBad(recording, 2, true);
    try {
      const { traces } = await window({ montage: 'banana' });
      expect(named(traces, 'F7-T7')).toMatchObject({ bad: true, missing: null, note: 'T7 is marked bad' });
      expect(named(traces, 'F7-T7').count).toBe(10 * rate);
      const client = createRouterClient(signalService(studies), { context: {} });
      const spectrum = await client.spectrum({ recording, ...ask, montage: 'banana' });
      expect(spectrum.traces.map(({ label }) => label)).toEqual([
        'Fp1-F7',
        'P7-O1',
        'Fp2-F8',
        'F8-T8',
        'T8-P8',
        'P8-O2',
      ]);
    } finally {
      marks.setBad(recording, 2, false);
    }
  });
});
