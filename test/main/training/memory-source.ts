/** Segments in memory, made by rule: what a class does to the rhythm is known, so a test knows what can be learned. */
import type { LabelledSegment, Segment, SegmentGroup, SegmentSource } from '#shared/eeg/segment.ts';
import type { CheckpointStore, Checkpoint, JobEvent, Progress } from '#shared/jobs.ts';
import { createRandom } from '#shared/random.ts';

export interface MadeGroup {
  name: string;
  electrodes: string[];
  sfreqHz: number;
  seconds: number;
  subjects: number;
  trialsPerSubject: number;
  segmentsPerTrial: number;
  /** Electrodes that the group's last subject lacks. */
  missing?: string[];
}

/** Class c of `rhythms` swings at rhythms[c] Hz in every channel, in noise of the same power. Trial t has class t mod K. */
export function makeSource(
  groups: MadeGroup[],
  rhythms = [6, 10, 20],
  seed = 1,
): { source: SegmentSource; labelled: LabelledSegment[] } {
  const random = createRandom(seed);
  const segments: Segment[] = [];
  const labelled: LabelledSegment[] = [];
  const signals: Float32Array[] = [];
  const presence: Uint8Array[] = [];
  const made: SegmentGroup[] = groups.map((group, position) => {
    const { electrodes, sfreqHz, seconds } = group;
    const samples = Math.round(seconds * sfreqHz);
    const first = segments.length;
    for (let s = 0; s < group.subjects; s++) {
      const last = s === group.subjects - 1;
      const present = Uint8Array.from(electrodes, (name) => (last && group.missing?.includes(name) ? 0 : 1));
      for (let t = 0; t < group.trialsPerSubject; t++)
        for (let k = 0; k < group.segmentsPerTrial; k++) {
          const index = segments.length;
          const subject = `${group.name}-${s}`;
          const label = `class ${t % rhythms.length}`;
          const startS = (t * group.segmentsPerTrial + k) * seconds;
          segments.push({
            index,
            group: position,
            recording: `${subject}.edf`,
            subject,
            startS,
            durationS: seconds,
          });
          labelled.push({
            index,
            label,
            subject,
            session: '',
            trial: `${subject}/${t}`,
            recording: `${subject}.edf`,
          });
          const values = new Float32Array(electrodes.length * samples);
          const hz = rhythms[t % rhythms.length]!;
          electrodes.forEach((_, c) => {
            if (!present[c]) return;
            const phase = 2 * Math.PI * random.next();
            for (let i = 0; i < samples; i++)
              values[c * samples + i] =
                10 * (Math.SQRT2 * Math.sin((2 * Math.PI * hz * i) / sfreqHz + phase) + random.normal());
          });
          signals.push(values);
          presence.push(present);
        }
    }
    return { name: group.name, electrodes, sfreqHz, samples, first, count: segments.length - first };
  });
  const source: SegmentSource = {
    groups: made,
    segments,
    async read(indices) {
      const rows = Array.from(indices, (index) => signals[index]!);
      const out = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
      rows.reduce((at, row) => (out.set(row, at), at + row.length), 0);
      return out;
    },
    present: (index) => presence[index]!,
  };
  return { source, labelled };
}

/** Remembers what was told; `stopAfter` asks to stop and keep once that many events of a type have come. */
export function listen(stopAfter?: { type: JobEvent['type']; count: number }): Progress & {
  events: JobEvent[];
  abort(): void;
} {
  const events: JobEvent[] = [];
  const controller = new AbortController();
  return {
    events,
    signal: controller.signal,
    abort: () => controller.abort(),
    stopRequested: () =>
      stopAfter !== undefined &&
      events.filter((event) => event.type === stopAfter.type).length >= stopAfter.count,
    report: (event) => events.push(event),
  };
}

/** Keeps the newest checkpoint, and all of them in `saved`, as copies. */
export function memoryCheckpoints(
  start: Checkpoint | null = null,
): CheckpointStore & { saved: Checkpoint[] } {
  const saved: Checkpoint[] = [];
  let current = start;
  return {
    saved,
    load: async () => (current ? structuredClone(current) : null),
    async save(checkpoint) {
      current = structuredClone(checkpoint);
      saved.push(current);
    },
  };
}
