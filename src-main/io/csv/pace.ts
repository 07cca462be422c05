/** How fast a table was sampled and where samples are missing, from what its counter, clock or names allow to conclude. */
import type { Finding } from '#shared/eeg/recording.ts';
import { finding, timeText } from '../finding.ts';
import type { Scan } from './scan.ts';
import type { Table } from './table.ts';

/** Rows without a gap; `startSample` on the recording's grid. */
export interface RowRun {
  firstRow: number;
  rows: number;
  startSample: number;
}

/** Rates that recorders use; a clock's rate within one percent of one of them is taken as that. */
const usualRates = [100, 125, 128, 160, 200, 220, 250, 256, 300, 500, 512, 1000, 1024, 2048];

/**
 * @param override the user's own word; wins over everything
 * @returns null when nothing tells the rate
 */
export function judgeRate(
  table: Table,
  scan: Scan,
  override: number | undefined,
): { sfreqHz: number; findings: Finding[] } | null {
  if (override !== undefined) return { sfreqHz: override, findings: [] };
  if (table.sfreqHz !== null) return { sfreqHz: table.sfreqHz, findings: [] };
  const clock = scan.time && clockRate(scan.time);
  if (clock)
    return {
      sfreqHz: clock.sfreqHz,
      findings: [
        finding(
          'rate-from-clock',
          'info',
          `Column ${table.columns[table.time!]!.label}`,
          `The sampling rate is not written in the file; its clock gives ${clock.measuredHz.toFixed(2)} Hz, taken as ${clock.sfreqHz} Hz.`,
          'Give the rate when you know better.',
        ),
      ],
    };
  if (table.recorder !== 'Emotiv') return null;
  const period = scan.counter && counterPeriod(scan.counter);
  const why = period
    ? `the electrodes are those of an Emotiv headset and the packet counter runs from 0 to ${period - 1} each second`
    : 'the electrodes are those of an Emotiv headset';
  return {
    sfreqHz: 128,
    findings: [
      finding(
        'rate-guessed',
        'warning',
        'Header',
        `The sampling rate is not written in the file; 128 Hz is taken because ${why}.`,
        'Give the rate when you know better.',
      ),
    ],
  };
}

function clockRate(time: Float64Array): { sfreqHz: number; measuredHz: number } | null {
  const known = time.filter((value) => Number.isFinite(value));
  if (known.length < 100) return null;
  const span = known.at(-1)! - known[0]!;
  if (!(span > 0)) return null;
  const perUnit = (known.length - 1) / span;
  // milliseconds when that is the only way to a plausible rate
  const measuredHz = perUnit < 3 ? perUnit * 1000 : perUnit;
  const usual = usualRates.find((rate) => Math.abs(rate - measuredHz) < rate * 0.01);
  return { sfreqHz: usual ?? Math.round(measuredHz * 100) / 100, measuredHz };
}

/** Length of the counter's cycle; null when it does not wrap. */
function counterPeriod(counter: Float64Array): number | null {
  const most = counter.reduce((max, value) => Math.max(max, value), 0);
  const wraps = counter.some((value, i) => i > 0 && value === 0 && counter[i - 1] === most);
  return wraps && most > 1 ? most + 1 : null;
}

/** Splits the rows where packets are missing. */
export function findGaps(
  scan: Scan,
  sfreqHz: number,
): { runs: RowRun[]; samples: number; findings: Finding[] } {
  const period = scan.counter && counterPeriod(scan.counter);
  const missing = period
    ? counterGaps(scan.counter!, period)
    : scan.time
      ? clockGaps(scan.time, sfreqHz)
      : [];
  const runs: RowRun[] = [{ firstRow: 0, rows: scan.rows, startSample: 0 }];
  for (const { row, lost } of missing) {
    const last = runs.at(-1)!;
    last.rows = row - last.firstRow;
    runs.push({
      firstRow: row,
      rows: scan.rows - row,
      startSample: last.startSample + last.rows + lost,
    });
  }
  const last = runs.at(-1)!;
  const findings: Finding[] = [];
  if (missing.length > 0) {
    const lost = missing.reduce((sum, gap) => sum + gap.lost, 0);
    const places = runs.slice(1, 4).map(({ startSample }) => timeText(startSample / sfreqHz));
    findings.push(
      finding(
        'samples-lost',
        'warning',
        places.join(', ') + (runs.length > 4 ? ` and ${runs.length - 4} more` : ''),
        `${lost} sample${lost > 1 ? 's were' : ' was'} lost in ${missing.length} place${missing.length > 1 ? 's' : ''}, as the ${period ? 'packet counter' : 'clock'} tells.`,
        'They are gaps; windows never reach across one.',
      ),
    );
  }
  if (scan.oddRows > 0)
    findings.push(
      finding(
        'rows-ragged',
        'warning',
        'Rows',
        `${scan.oddRows} row${scan.oddRows > 1 ? 's have' : ' has'} another number of cells than the first.`,
        'Cells that are missing read as not recorded.',
      ),
    );
  return { runs, samples: last.startSample + last.rows, findings };
}

interface Lost {
  row: number;
  lost: number;
}

function counterGaps(counter: Float64Array, period: number): Lost[] {
  const gaps: Lost[] = [];
  for (let row = 1; row < counter.length; row++) {
    const step = (counter[row]! - counter[row - 1]! + period) % period;
    if (step > 1) gaps.push({ row, lost: step - 1 });
  }
  return gaps;
}

/** Radio clocks jitter by tens of milliseconds; only a jump of more than a second is a gap. */
function clockGaps(time: Float64Array, sfreqHz: number): Lost[] {
  const span = time.at(-1)! - time[0]!;
  const unit = (time.length - 1) / span < 3 ? 1000 : 1;
  const gaps: Lost[] = [];
  for (let row = 1; row < time.length; row++) {
    const step = (time[row]! - time[row - 1]!) / unit;
    if (step > 1) gaps.push({ row, lost: Math.max(1, Math.round(step * sfreqHz) - 1) });
  }
  return gaps;
}
