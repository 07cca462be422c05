/** The minimap's data, read in the background a stretch at a time, so that the page appears first. */
import { siteOf } from '#shared/eeg/channel-map.ts';
import { hemisphere } from '#shared/eeg/electrodes.ts';
import type { OverviewView } from '#shared/views.ts';
import { microvoltFactor } from '#main/io/channel-kind.ts';
import type { Recording } from '#main/io/reader.ts';
import { minMaxColumns } from '#main/signal/decimate.ts';
import { spectrumColumn } from '#main/signal/spectrum.ts';
import { entriesOf } from './channel-entries.ts';
import type { Study } from './study.ts';

interface Overview {
  columns: number;
  secondsPerColumn: number;
  ready: number;
  envelope: Float32Array<ArrayBuffer>;
  spectrogram: Float32Array<ArrayBuffer>;
  error: unknown;
}

const rows = 25;
/** At most this much of each column is read; a column of a night is minutes long. */
const sampledS = 4;
/** The first answer waits this long, so that short recordings come whole. */
const firstAnswerMs = 150;

const running = new WeakMap<Study, Map<string, Overview>>();

export async function overviewOf(study: Study, recording: string, columns: number): Promise<OverviewView> {
  const own = running.get(study) ?? new Map<string, Overview>();
  running.set(study, own);
  const file = await study.files.get(recording);
  const sides = sidesOf(study, recording, file);
  // Another choice of channels, after one was marked bad or named, is another overview.
  const key = `${recording}/${columns}/${sides.join('/')}`;
  let overview = own.get(key);
  if (!overview) {
    overview = {
      columns,
      secondsPerColumn: file.header.durationS / columns,
      ready: 0,
      envelope: new Float32Array(4 * columns).fill(NaN),
      spectrogram: new Float32Array(rows * columns).fill(NaN),
      error: null,
    };
    own.set(key, overview);
    const started = overview;
    const work = fill(file, sides, started).catch((error: unknown) => {
      started.error = error;
      own.delete(key);
    });
    await Promise.race([work, new Promise((resolve) => setTimeout(resolve, firstAnswerMs))]);
  }
  if (overview.error) throw overview.error;
  return {
    columns,
    secondsPerColumn: overview.secondsPerColumn,
    ready: overview.ready,
    envelope: new Blob([overview.envelope]),
    spectrogram: new Blob([overview.spectrogram]),
  };
}

/** Positions of the channels that stand for left and right; none in a recording without any voltage. */
function sidesOf(study: Study, recording: string, { header }: Recording): number[][] {
  const bad = study.catalog.marks.badChannels(recording);
  const usable = entriesOf(study.catalog, recording).filter(
    ({ position }) => header.channels[position]?.disabled === undefined,
  );
  const eeg = usable.filter(({ kind }) => kind === 'eeg');
  const good = eeg.filter(({ position }) => !bad.has(position));
  // Nothing good is no reason to show nothing; unnamed voltages are better than an empty strip.
  const unnamed = usable.filter(({ kind, unit }) => kind === 'unknown' && microvoltFactor(unit) !== null);
  const entries = good.length > 0 ? good : eeg.length > 0 ? eeg : unnamed;
  return (['left', 'right'] as const).map((side) => {
    const own = entries.filter((entry) => {
      const site = siteOf(entry);
      return site !== null && hemisphere(site.split('-')[0]!) === side;
    });
    // Parietal and occipital sites show the rhythm best; without any known side, the first channels stand for both.
    return (own.length > 0 ? own.slice(-2) : entries.slice(0, 2)).map((entry) => entry.position);
  });
}

async function fill(file: Recording, sides: readonly number[][], overview: Overview): Promise<void> {
  const { columns, secondsPerColumn, envelope, spectrogram } = overview;
  for (let column = 0; column < columns; column++) {
    const seconds = Math.min(secondsPerColumn, sampledS);
    const startS = column * secondsPerColumn;
    const read = Math.max(seconds, Math.min(1, file.header.durationS));
    const data = await file.read(
      Math.min(startS, Math.max(0, file.header.durationS - read)),
      read,
      sides.flat(),
    );
    let at = 0;
    sides.forEach((positions, side) => {
      for (const position of positions) {
        const values = withoutMean(data[at++]!);
        const [low, high] = minMaxColumns(values, 1);
        envelope[2 * side * columns + column] = Math.min(
          low!,
          envelope[2 * side * columns + column]! || low!,
        );
        envelope[(2 * side + 1) * columns + column] = Math.max(
          high!,
          envelope[(2 * side + 1) * columns + column]! || high!,
        );
        if (side === 0 || positions.length > 0)
          addSpectrum(
            spectrogram,
            column,
            columns,
            spectrumColumn(values, file.header.channels[position]!.sfreqHz, rows),
          );
      }
    });
    overview.ready = column + 1;
    if (column % 8 === 7) await new Promise((resolve) => setImmediate(resolve));
  }
}

function addSpectrum(spectrogram: Float32Array, column: number, columns: number, powers: Float32Array): void {
  powers.forEach((power, row) => {
    const at = row * columns + column;
    const before = spectrogram[at]!;
    if (Number.isFinite(power) && !(before > power)) spectrogram[at] = power;
  });
}

function withoutMean(values: Float32Array): Float32Array {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  const mean = count === 0 ? 0 : sum / count;
  return values.map((value) => value - mean);
}
