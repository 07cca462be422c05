/** A small study in memory with planted names, for the tests of exports. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SegmentRow } from '#main/export/segment-row.ts';
import type { Manifest } from '#shared/artifacts.ts';
import type { Segment, SegmentGroup, SegmentSource } from '#shared/eeg/segment.ts';
import type { JobEvent, Progress } from '#shared/jobs.ts';
import { createRandom } from '#shared/random.ts';

export const people = [
  'MCH-0234567 F 02-MAY-1951 Haagse_Harry',
  'Jürgen Müller-Lüdenscheidt',
  '2019-03-12T14:33:05',
];
export const files = ['/home/schwester.agathe/Aufnahmen 2019/Haagse_Harry_ruhe.edf'];

export function quiet(events: JobEvent[] = []): Progress {
  return {
    signal: new AbortController().signal,
    stopRequested: () => false,
    report: (event) => events.push(event),
  };
}

export function folder(): string {
  return join(mkdtempSync(join(tmpdir(), 'limbeck-export-')), 'out');
}

const subjects = ['Haagse_Harry', 'Jürgen Müller', 'sub-004711'];

/** Two groups (3 sites at 128 Hz, 2 sites at 250 Hz), six recordings of three people, 4 s segments, one site missing once. */
export function sampleStudy(perRecording = 8): { source: SegmentSource; rows: SegmentRow[] } {
  const random = createRandom(11);
  const shapes = [
    { electrodes: ['Fp1', 'Cz', 'O2'], sfreqHz: 128 },
    { electrodes: ['F3', 'F4'], sfreqHz: 250 },
  ];
  const groups: SegmentGroup[] = [];
  const segments: Segment[] = [];
  const signals: Float32Array[] = [];
  const missing = new Set<string>();
  shapes.forEach(({ electrodes, sfreqHz }, g) => {
    const samples = sfreqHz * 4;
    const first = segments.length;
    subjects.forEach((subject, s) => {
      const recording = `${subject}_ruhe_${g}`;
      if (g === 0 && s === 1) missing.add(recording);
      for (let w = 0; w < perRecording; w++) {
        segments.push({ index: segments.length, group: g, recording, subject, startS: w * 4, durationS: 4 });
        const values = new Float32Array(electrodes.length * samples);
        for (let i = 0; i < values.length; i++)
          values[i] = missing.has(recording) && i < samples ? 0 : 30 * random.normal();
        signals.push(values);
      }
    });
    groups.push({
      name: `Charité ${g}`,
      electrodes,
      sfreqHz,
      samples,
      first,
      count: segments.length - first,
    });
  });
  const source: SegmentSource = {
    groups,
    segments,
    async read(indices) {
      const group = groups[segments[indices[0]!]!.group]!;
      const each = group.electrodes.length * group.samples;
      const out = new Float32Array(indices.length * each);
      Array.from(indices).forEach((index, i) => out.set(signals[index]!, i * each));
      return out;
    },
    present(index) {
      const { group, recording } = segments[index]!;
      return Uint8Array.from(groups[group]!.electrodes, (_, c) =>
        c === 0 && missing.has(recording) ? 0 : 1,
      );
    },
  };
  const order = createRandom(5).permutation(segments.length);
  const rows = segments.map((segment, i): SegmentRow => {
    const place = order[i]!;
    const fate =
      i % 11 === 10 ? 'rejected' : i === 0 ? 'pinned' : place < segments.length / 2 ? 'kept' : 'left out';
    return {
      ...segment,
      order: fate === 'kept' ? place : null,
      distance: fate === 'rejected' || fate === 'pinned' ? null : 1 / (1 + place),
      fate,
      reason:
        fate === 'rejected'
          ? `Oddest, "rarest 0.05 %", ${segment.recording}`
          : fate === 'pinned'
            ? 'Pinned by hand'
            : 'Farthest from all chosen before',
      label: i % 5 === 4 ? null : ['calm', 'fear'][i % 2]!,
    };
  });
  return { source, rows };
}

export const manifest: Manifest = {
  manifestVersion: 1,
  kind: 'distillate',
  id: 'D-0123456789',
  hash: 'ab'.repeat(32),
  key: 'cd'.repeat(32),
  createdAt: '2019-03-12T14:33:05Z',
  seconds: 12,
  limbeck: '0.1.0',
  engine: 'wasm',
  seed: 0,
  params: { keep: 0.5, labels: '/home/schwester.agathe/labels.csv' },
  inputs: [{ role: 'segments', id: 'Haagse_Harry', hash: 'ef'.repeat(32) }],
  files: [],
  summary: {},
};

/** What every export of the sample is told. */
export function frame(out: string, events?: JobEvent[]) {
  return {
    out,
    manifests: [manifest],
    identifiers: { people, files },
    card: { title: 'Calm and fear, distilled', licence: 'CC-BY-4.0', consent: 'Broad consent' },
    limbeck: '0.1.0',
    random: createRandom(1),
    progress: quiet(events),
  };
}
