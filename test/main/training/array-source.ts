/** A source of segments in memory: several subjects, each a mixture of a few rhythms over the electrodes. */
import type { Segment, SegmentGroup, SegmentSource } from '#shared/eeg/segment.ts';
import { createRandom } from '#shared/random.ts';

export interface ArraySource extends SegmentSource {
  readonly group: SegmentGroup;
}

export function arraySource({
  channels = 4,
  samples = 80,
  sfreqHz = 40,
  subjects = 4,
  perSubject = 12,
  absent = [] as number[],
  seed = 1,
} = {}): ArraySource {
  const random = createRandom(seed);
  const count = subjects * perSubject;
  const signals = new Float32Array(count * channels * samples);
  const mixing = Float32Array.from({ length: channels * 3 }, () => random.normal() * 20);
  for (let row = 0; row < count; row++) {
    const rhythms = [6, 10, 14].map((hz) => ({
      hz: hz + random.normal(),
      gain: 1 + random.next(),
      at: random.next() * 6,
    }));
    for (let c = 0; c < channels; c++) {
      if (absent.includes(c)) continue;
      for (let t = 0; t < samples; t++) {
        let value = random.normal() * 3;
        rhythms.forEach(({ hz, gain, at }, k) => {
          value += mixing[c * 3 + k]! * gain * Math.sin((2 * Math.PI * hz * t) / sfreqHz + at);
        });
        signals[(row * channels + c) * samples + t] = value;
      }
    }
  }
  const group: SegmentGroup = {
    name: 'made',
    electrodes: Array.from({ length: channels }, (_, c) => `E${c}`),
    sfreqHz,
    samples,
    first: 0,
    count,
  };
  const segments: Segment[] = Array.from({ length: count }, (_, index) => ({
    index,
    group: 0,
    recording: `r${Math.floor(index / perSubject)}`,
    subject: `s${Math.floor(index / perSubject)}`,
    startS: (index % perSubject) * 2,
    durationS: samples / sfreqHz,
  }));
  const present = Uint8Array.from({ length: channels }, (_, c) => (absent.includes(c) ? 0 : 1));
  const size = channels * samples;
  return {
    group,
    groups: [group],
    segments,
    present: () => present,
    read: async (indices) => {
      const out = new Float32Array(indices.length * size);
      Array.from(indices).forEach((row, i) =>
        out.set(signals.subarray(row * size, (row + 1) * size), i * size),
      );
      return out;
    },
  };
}
