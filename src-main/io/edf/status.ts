/** Trigger codes of a BioSemi Status channel: the low 16 bits of its 24-bit samples. */
import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { Annotation } from '#shared/eeg/recording.ts';
import type { EdfLayout } from './edf.ts';

/**
 * Each stretch whose code is neither zero nor the idle one (the code that holds longest) is an annotation 'Trigger N'; a stretch
 * of one sample is a point in time. Files with an annotation signal tell their events there, so their Status is not read.
 */
export async function readStatus(file: FileHandle, { header, timeline }: EdfLayout): Promise<Annotation[]> {
  const status = header.signals.find(({ label }) => /^status$/i.test(label));
  if (!header.bdf || !status || header.signals.some((signal) => signal.annotations)) return [];
  const per = status.samplesPerRecord;
  const sfreqHz = per / header.recordS;
  const bytes = new Uint8Array(per * 3);
  const stretches: { code: number; from: number; to: number }[] = [];
  for (const run of timeline.runs)
    for (let i = 0; i < run.records; i++) {
      if (i % 200 === 199) await setImmediate();
      const at = header.headerBytes + (run.firstRecord + i) * header.recordBytes + status.offset;
      readSync(file.fd, bytes, 0, bytes.length, at);
      const start = Math.round(run.startS * sfreqHz) + i * per;
      for (let j = 0; j < per; j++) {
        const code = bytes[3 * j]! | (bytes[3 * j + 1]! << 8);
        const last = stretches.at(-1);
        if (last?.code === code && last.to === start + j) last.to++;
        else stretches.push({ code, from: start + j, to: start + j + 1 });
      }
    }
  const held = new Map<number, number>();
  for (const { code, from, to } of stretches) held.set(code, (held.get(code) ?? 0) + to - from);
  const idle = [...held].reduce((most, one) => (one[1] > most[1] ? one : most), [0, 0])[0];
  return stretches
    .filter(({ code }) => code !== 0 && code !== idle)
    .map(({ code, from, to }) => ({
      onsetS: from / sfreqHz,
      durationS: to - from > 1 ? (to - from) / sfreqHz : 0,
      text: `Trigger ${code}`,
    }));
}
