import { expect, it } from 'vitest';
import { prepareParams } from '#shared/params/prepare.ts';
import { createRandom, type Random } from '#shared/random.ts';
import { prepareRecording } from '#main/signal/prepare.ts';

const electrodes = [
  'Fp1',
  'Fp2',
  'F3',
  'F4',
  'C3',
  'C4',
  'P3',
  'P4',
  'O1',
  'O2',
  'T7',
  'T8',
  'Fz',
  'Cz',
  'Pz',
];
const rate = 200;
const windowS = 4;
const samples = rate * windowS;
const sine = (hz: number, phase: number, t: number) => Math.sin(2 * Math.PI * ((hz * t) / rate + phase));

/** What is done to one channel for one segment, in place. */
const plants: Record<string, (x: Float32Array, random: Random) => void> = {
  'lost lead': (x) => x.fill(x[0]!),
  'saturated for a second': (x) => x.fill(180, 200, 400),
  'cut at a rail': (x, random) => {
    const hz = 1 + random.next();
    for (let t = 0; t < x.length; t++) x[t] = Math.max(-200, Math.min(200, x[t]! + 600 * sine(hz, 0, t)));
  },
  'mains hum': (x, random) => {
    const phase = random.next();
    for (let t = 0; t < x.length; t++) x[t]! += 150 * sine(50, phase, t);
  },
  muscle: (x, random) => {
    // Rises with frequency, as muscle seen through the scalp does far beyond the high filter.
    let before = 0;
    for (let t = 0; t < x.length; t++) {
      const now = random.normal();
      x[t]! += 70 * (now - before);
      before = now;
    }
  },
  'broad noise': (x, random) => {
    for (let t = 0; t < x.length; t++) x[t]! += 100 * random.normal();
  },
  pop: (x, random) => {
    const at = 200 + random.below(400);
    const height = 350 + 100 * random.next();
    for (let t = at; t < x.length; t++) x[t]! += height * Math.exp(-(t - at) / 60);
  },
  'very large': (x, random) => {
    const at = 200 + random.below(300);
    for (let t = at; t < at + 100; t++) x[t]! += 1500 * Math.sin((Math.PI * (t - at)) / 100);
  },
};

/** EEG in µV without artefacts: alpha, slow waves, noise. */
function clean(seed: number, seconds: number): Float32Array[] {
  const random = createRandom(seed);
  return electrodes.map((_, c) => {
    const phase = random.next();
    let [slow, mid] = [0, 0];
    return Float32Array.from({ length: seconds * rate }, (_, t) => {
      slow = 0.995 * slow + random.normal();
      mid = 0.8 * mid + 3 * random.normal();
      return 12 * sine(9 + (c % 5) / 3, phase, t) + 2 * slow + mid + random.normal();
    });
  });
}

async function judge(data: readonly Float32Array[]) {
  const found: { bad: number[]; rejected: string[] }[] = [];
  for await (const { badChannels, rejected } of prepareRecording({
    read: async (startS, seconds) =>
      data.map((x) => x.slice(Math.round(startS * rate), Math.round((startS + seconds) * rate))),
    electrodes,
    sfreqHz: rate,
    spans: [{ startS: 0, endS: data[0]!.length / rate }],
    params: prepareParams.parse({ reference: 'as-recorded', badChannelShare: 1 }),
  }))
    found.push({ bad: badChannels, rejected: rejected ?? [] });
  return found;
}

it('finds planted artefacts where they are and hardly anywhere else', async ({ annotate }) => {
  const count = 40;
  const results: { name: string; found: number; beside: number; falseAlarms: number }[] = [];
  const table = ['planted | found | same site, segment before or after | all other sites'];
  for (const [name, plant] of Object.entries(plants)) {
    const random = createRandom(name);
    const data = clean(3, windowS * (3 * count + 1));
    const planted = new Map<number, number>();
    for (let k = 0; k < count; k++) {
      const window = 3 * k + 1;
      const channel = random.below(electrodes.length);
      plant(data[channel]!.subarray(window * samples, (window + 1) * samples), random);
      planted.set(window, channel);
    }
    const windows = await judge(data);
    let [found, spilled, blamed] = [0, 0, 0];
    windows.forEach(({ bad, rejected }, w) => {
      const channel = planted.get(w);
      if (channel !== undefined && (bad.includes(channel) || rejected.includes('amplitude'))) found++;
      const near = [planted.get(w - 1), planted.get(w + 1)];
      spilled += bad.filter((c) => near.includes(c)).length;
      blamed += bad.filter((c) => c !== channel && !near.includes(c)).length;
    });
    const falseAlarms = blamed / (windows.length * (electrodes.length - 1));
    table.push(`${name} | ${found}/${count} | ${spilled}/${2 * count} | ${(100 * falseAlarms).toFixed(2)} %`);
    results.push({ name, found: found / count, beside: spilled / (2 * count), falseAlarms });
  }
  await annotate(table.join('\n'));
  expect(results.filter((row) => row.found < 0.95 || row.beside > 0.1 || row.falseAlarms > 0.005)).toEqual(
    [],
  );
});

it('spares spikes, blinks and strong alpha: what a clinician looks for is no fault', async () => {
  const data = clean(5, 120);
  for (let k = 2; k < 28; k++) {
    const at = k * samples + 300;
    // A spike of 150 µV and 60 ms with its slow wave; a blink of 200 µV; alpha of 80 µV.
    for (let t = 0; t < 12; t++) data[4]![at + t]! -= 150 * Math.sin((Math.PI * t) / 12);
    for (let t = 0; t < 60; t++) data[4]![at + 12 + t]! += 60 * Math.sin((Math.PI * t) / 60);
    for (let t = 0; t < 60; t++) data[0]![at + t]! += 200 * Math.sin((Math.PI * t) / 60) ** 2;
    for (let t = 0; t < samples; t++)
      data[8]![k * samples + t]! += 80 * sine(10.2, 0, t) * Math.sin((Math.PI * t) / samples);
  }
  const windows = await judge(data);
  expect(windows.filter(({ bad, rejected }) => bad.length > 0 || rejected.length > 0)).toEqual([]);
});
