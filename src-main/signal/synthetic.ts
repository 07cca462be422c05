/** Makes up EEG of one person, second by second: 1/f activity through a head, rhythms, artefacts, and a class effect that differs by person. */
import type { Random } from '#shared/random.ts';

export interface SyntheticSubject {
  /** [positions] values of the next stretch, µV; `startS` must go on from the last call. */
  block(startS: number, seconds: number, context: { label?: string }): Float32Array[];
}

export interface SyntheticOptions {
  random: Random;
  /** Sites on the unit sphere: x right, y front, z up. */
  positions: readonly (readonly [number, number, number])[];
  sfreqHz: number;
}

type Point = readonly [number, number, number];

/** Independent generators of 1/f activity. */
const backgroundSources = 20;
/** How far volume conduction reaches, radians. */
const spread = 0.55;
/** Stereotyped stretches: repeated almost exactly, as much of a long recording is. */
const repeatS = 8;

interface Rhythm {
  gain: Float64Array;
  /** Narrow-band noise: a resonator of two poles. */
  a1: number;
  a2: number;
  y1: number;
  y2: number;
  drive: number;
  /** µV at gain 1. */
  size: number;
  /** Change of size under each label, as a factor. */
  effect: Record<string, number>;
}

export function createSyntheticSubject({ random, positions, sfreqHz }: SyntheticOptions): SyntheticSubject {
  const anatomy = random.fork('anatomy');
  const flow = random.fork('flow');
  const channels = positions.length;
  const subjectGain = 0.8 * 1.6 ** anatomy.next();
  const background = Array.from({ length: backgroundSources }, () => ({
    gain: field(positions, randomPoint(anatomy), spread * (0.7 + 0.8 * anatomy.next())),
    states: new Float64Array(4),
  }));
  const slopes = [0.3, 0.9, 0.98, 0.997].map((pole) => pole ** (200 / sfreqHz));
  const rhythms = makeRhythms(anatomy, positions, sfreqHz);
  const blinkField = field(positions, [0, 0.98, 0.2], 0.6);
  const artefacts = createArtefacts(flow.fork('artefacts'), positions, sfreqHz);
  const lineUv = 0.5 + 2 * anatomy.next() ** 3;
  const drift = positions.map(() => ({
    phase: 2 * Math.PI * anatomy.next(),
    hz: 0.03 + 0.05 * anatomy.next(),
    size: 8 * anatomy.next(),
  }));
  const repeat = createRepeats(flow.fork('repeats'), channels, sfreqHz);
  let nextBlinkS = 2 + 4 * flow.next();

  return {
    block(startS, seconds, { label }) {
      const samples = Math.round(seconds * sfreqHz);
      const brain = Array.from({ length: channels }, () => new Float32Array(samples));
      for (const { gain, states } of background) {
        for (let t = 0; t < samples; t++) {
          const kick = flow.normal();
          let value = 0;
          for (let k = 0; k < 4; k++) {
            const pole = slopes[k]!;
            states[k] = pole * states[k]! + Math.sqrt(1 - pole * pole) * kick;
            value += states[k]! * (0.6 + 0.5 * k);
          }
          const scaled = 2.2 * value;
          for (let c = 0; c < channels; c++) brain[c]![t]! += gain[c]! * scaled;
        }
      }
      for (const rhythm of rhythms) addRhythm(rhythm, brain, samples, flow, label);
      repeat(brain, startS, seconds);
      for (let c = 0; c < channels; c++) {
        const { phase, hz, size } = drift[c]!;
        for (let t = 0; t < samples; t++) {
          const atS = startS + t / sfreqHz;
          brain[c]![t] =
            subjectGain * brain[c]![t]! +
            size * Math.sin(2 * Math.PI * hz * atS + phase) +
            lineUv * Math.sin(2 * Math.PI * 50 * atS) +
            0.8 * flow.normal();
        }
      }
      while (nextBlinkS < startS + seconds) {
        addBlink(brain, blinkField, nextBlinkS - startS, sfreqHz, 90 + 60 * flow.next());
        nextBlinkS += 1.5 + 5 * flow.next();
      }
      artefacts(brain, startS, seconds);
      return brain;
    },
  };
}

/** Alpha at the back, theta in the middle of the front, beta over both sides; who feels what changes them a little, in most people alike. */
function makeRhythms(random: Random, positions: readonly Point[], sfreqHz: number): Rhythm[] {
  const alphaHz = 9 + 2.5 * random.next();
  // In one person in eight the effect points the other way, and its size is anyone's own.
  const sign = random.next() < 0.12 ? -1 : 1;
  const strength = () => sign * (0.2 + 0.4 * random.next());
  const jitter = (point: Point): Point =>
    normalise([
      point[0] + 0.12 * random.normal(),
      point[1] + 0.12 * random.normal(),
      point[2] + 0.12 * random.normal(),
    ]);
  const make = (hz: number, width: number, point: Point, size: number, joy: number): Rhythm => {
    const radius = Math.exp((-Math.PI * width) / sfreqHz);
    const a1 = 2 * radius * Math.cos((2 * Math.PI * hz) / sfreqHz);
    const a2 = -radius * radius;
    // Variance of a driven resonator, so that `size` is its standard deviation.
    const variance = (1 - a2) / ((1 + a2) * ((1 - a2) ** 2 - a1 ** 2));
    return {
      gain: field(positions, jitter(point), spread),
      a1,
      a2,
      y1: 0,
      y2: 0,
      drive: 1 / Math.sqrt(variance),
      size,
      effect: { joy: 1 + joy, calm: 1 - joy },
    };
  };
  return [
    make(alphaHz, 1.2, [0.25, -0.9, 0.35], 9 + 8 * random.next(), 0),
    make(alphaHz, 1.2, [-0.25, -0.9, 0.35], 9 + 8 * random.next(), 0),
    make(alphaHz + 0.5, 1.5, [-0.55, 0.7, 0.45], 9, -strength()),
    make(alphaHz + 0.5, 1.5, [0.55, 0.7, 0.45], 9, strength()),
    make(5.5 + random.next(), 1.5, [0, 0.7, 0.7], 8, 0.5 * strength()),
    make(20 + 4 * random.next(), 5, [-0.8, 0.1, 0.6], 6, strength()),
    make(21 + 4 * random.next(), 5, [0.8, 0.1, 0.6], 6, strength()),
  ];
}

function addRhythm(
  rhythm: Rhythm,
  brain: Float32Array[],
  samples: number,
  flow: Random,
  label: string | undefined,
): void {
  const factor = (label === undefined ? 1 : (rhythm.effect[label] ?? 1)) * rhythm.size * rhythm.drive;
  for (let t = 0; t < samples; t++) {
    const y = rhythm.a1 * rhythm.y1 + rhythm.a2 * rhythm.y2 + flow.normal();
    rhythm.y2 = rhythm.y1;
    rhythm.y1 = y;
    const scaled = factor * y;
    for (let c = 0; c < brain.length; c++) brain[c]![t]! += rhythm.gain[c]! * scaled;
  }
}

/** Now and then the same eight seconds come again with a little noise; returns what replaces a stretch in place. */
function createRepeats(
  random: Random,
  channels: number,
  sfreqHz: number,
): (brain: Float32Array[], startS: number, seconds: number) => void {
  const length = Math.round(repeatS * sfreqHz);
  const stored = Array.from({ length: channels }, () => new Float32Array(length));
  let filled = 0;
  let playing = -1;
  return (brain, startS) => {
    const samples = brain[0]?.length ?? 0;
    for (let t = 0; t < samples; t++) {
      if (filled < length) {
        for (let c = 0; c < channels; c++) stored[c]![filled] = brain[c]![t]!;
        filled++;
        continue;
      }
      if (playing < 0 && t === 0 && startS % repeatS < 1e-9 && random.next() < 0.35) playing = 0;
      if (playing < 0) continue;
      for (let c = 0; c < channels; c++) brain[c]![t] = stored[c]![playing]! + 0.05 * brain[c]![t]!;
      playing = playing + 1 < length ? playing + 1 : -1;
    }
  };
}

/** Muscle in the temples, electrode pops, a lead that goes flat: rare, and each over before long. */
function createArtefacts(
  random: Random,
  positions: readonly Point[],
  sfreqHz: number,
): (brain: Float32Array[], startS: number, seconds: number) => void {
  let muscle = { untilS: 0, size: 0, field: field(positions, [1, 0, 0], 0.4) };
  let flat = { untilS: 0, channel: 0 };
  const muscleRate = 0.008 + 0.012 * random.next();
  return (brain, startS, seconds) => {
    const samples = brain[0]?.length ?? 0;
    if (random.next() < muscleRate * seconds)
      muscle = {
        untilS: startS + 1 + 3 * random.next(),
        size: 20 + 60 * random.next(),
        field: field(positions, [random.next() < 0.5 ? -0.95 : 0.95, 0.1, 0.25], 0.4),
      };
    if (random.next() < 0.002 * seconds)
      flat = { untilS: startS + 3 + 8 * random.next(), channel: random.below(brain.length) };
    if (random.next() < 0.004 * seconds)
      addPop(brain[random.below(brain.length)]!, random.below(samples), 200 + 500 * random.next(), sfreqHz);
    if (startS < muscle.untilS) {
      let before = 0;
      for (let t = 0; t < samples; t++) {
        const white = random.normal();
        const fast = white - before;
        before = white;
        for (let c = 0; c < brain.length; c++) brain[c]![t]! += muscle.field[c]! * muscle.size * fast;
      }
    }
    if (startS < flat.untilS) brain[flat.channel]!.fill(0);
  };
}

/** A step that decays as an amplifier's coupling lets it. */
function addPop(x: Float32Array, at: number, size: number, sfreqHz: number): void {
  for (let t = at; t < x.length; t++) x[t]! += size * Math.exp(-(t - at) / (0.3 * sfreqHz));
}

function addBlink(
  brain: Float32Array[],
  gain: Float64Array,
  atS: number,
  sfreqHz: number,
  size: number,
): void {
  const centre = Math.round((atS + 0.15) * sfreqHz);
  const half = Math.round(0.2 * sfreqHz);
  for (let t = Math.max(0, centre - half); t < Math.min(brain[0]?.length ?? 0, centre + half); t++) {
    const shape = Math.cos((Math.PI * (t - centre)) / (2 * half)) ** 2;
    for (let c = 0; c < brain.length; c++) brain[c]![t]! += gain[c]! * size * shape;
  }
}

/** [positions] how strongly each site sees a source near `point`. */
function field(positions: readonly Point[], point: Point, width: number): Float64Array {
  const [x, y, z] = normalise(point);
  return Float64Array.from(positions, ([px, py, pz]) => {
    const angle = Math.acos(Math.min(1, Math.max(-1, px * x + py * y + pz * z)));
    return Math.exp(-((angle / width) ** 2));
  });
}

/** Anywhere on the upper part of the head. */
function randomPoint(random: Random): Point {
  return normalise([random.normal(), random.normal(), Math.abs(random.normal()) + 0.1]);
}

function normalise([x, y, z]: Point): Point {
  const length = Math.hypot(x, y, z) || 1;
  return [x / length, y / length, z / length];
}
