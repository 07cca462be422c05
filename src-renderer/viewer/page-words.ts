/** The page in words and as a table, for who cannot see it and for who wants figures. */
import { canonicalSite } from '#shared/eeg/electrodes.ts';
import type { RecordingDetail } from '#shared/views.ts';
import { duration, figure, list, plural, time } from '../words.ts';
import type { DrawnTrace } from './page-scene.ts';
import { hzText, lowFilterText, pageText, type PageSettings } from './page-settings.ts';
import { mmPerSecond } from './scale.ts';
import { figuresOf, valueAt } from './trace-values.ts';

/** 'EEG page, 00:12:03 to 00:12:13, double banana, 18 traces; C4 is bad; 2 marks: …'. */
export function pageSentence(
  detail: RecordingDetail,
  startS: number,
  settings: PageSettings,
  traces: readonly DrawnTrace[],
): string {
  const endS = startS + settings.seconds;
  const montage = detail.montages.find(({ id }) => id === settings.montage)?.name ?? settings.montage;
  const drawn = traces.filter(({ missing }) => missing === null);
  const bad = detail.channelList
    .filter((channel) => channel.bad)
    .map(({ label, electrode }) => electrode ?? label);
  const marks = detail.marks.filter((mark) => mark.startS < endS && mark.startS + mark.durationS >= startS);
  const clipped = drawn.filter((trace) => trace.saturated.length > 0).map(({ label }) => label);
  const flat = drawn.filter((trace) => trace.flat.length > 0).map(({ label }) => label);
  return [
    `EEG page, ${time(startS)} to ${time(endS)}, ${montage}, ${plural(drawn.length, 'trace')}${traces.length > drawn.length ? ` of ${traces.length}` : ''}`,
    bad.length > 0 ? `${list(bad)} marked bad` : '',
    flat.length > 0 ? `flat: ${list(flat)}` : '',
    clipped.length > 0 ? `clipped at the converter's limit: ${list(clipped)}` : '',
    marks.length > 0
      ? `${plural(marks.length, 'mark')}: ${list(marks.slice(0, 4).map(({ text, startS: at }) => `${text} at ${time(at)}`))}`
      : 'no marks',
  ]
    .filter(Boolean)
    .join('; ');
}

export interface PrintedSetting {
  text: string;
  /** Said on hover. */
  hint?: string;
}

/** The printed footer: everything that decides how the page looks. */
export function printedSettings(
  detail: RecordingDetail,
  settings: PageSettings,
  facts: {
    footer: string;
    negativeUp: boolean;
    widthPx: number;
    pxPerMm: number;
    calibrated: boolean;
    cut: boolean;
    traces: readonly Pick<DrawnTrace, 'label' | 'ownScale' | 'unit' | 'filtered' | 'saturated'>[];
  },
): PrintedSetting[] {
  const montage = detail.montages.find(({ id }) => id === settings.montage)?.name ?? settings.montage;
  const uncalibrated =
    'Millimetres are guessed from 96 points to the inch. Measure this screen with a card in Settings, Display.';
  const sensitivity = `${settings.sensitivity} µV/mm`;
  const speed =
    facts.widthPx > 0
      ? `, ${mmPerSecond(facts.widthPx, settings.seconds, facts.pxPerMm).toFixed(1)} mm/s`
      : '';
  const own = facts.traces.flatMap(({ label, ownScale, unit }) =>
    ownScale === null
      ? []
      : [{ label, text: `${figure(ownScale)} ${unit === '' ? 'per mm' : `${unit}/mm`}` }],
  );
  const scales = [...new Set(own.map(({ text }) => text))];
  const unfiltered = facts.traces.flatMap(({ label, filtered }) => (filtered === 'none' ? [label] : []));
  const slow = facts.traces.flatMap(({ label, filtered }) => (filtered === 'not-low' ? [label] : []));
  const clipped = [...new Set(facts.traces.flatMap(({ saturated }) => saturated.map(({ who }) => who)))];
  return [
    { text: facts.footer || montage },
    {
      text:
        settings.lffHz === 0 ? 'LFF off, lanes around their middle' : `LFF ${lowFilterText(settings.lffHz)}`,
    },
    { text: `HFF ${hzText(settings.hffHz)}` },
    { text: `Notch ${hzText(settings.notchHz)}` },
    facts.calibrated ? { text: sensitivity } : { text: `${sensitivity} (uncalibrated)`, hint: uncalibrated },
    ...(own.length > 0
      ? [
          {
            text:
              scales.length === 1
                ? `${own.length === 1 ? own[0]!.label : `${own.length} others`} ${scales[0]!}`
                : `${own.length} traces on scales of their own`,
            hint: own.map(({ label, text }) => `${label} ${text}`).join(', '),
          },
        ]
      : []),
    ...(unfiltered.length > 0
      ? [
          {
            text: `${few(unfiltered)} not filtered`,
            hint: `${list(unfiltered)}: codes and slow sensors are drawn as they were recorded.`,
          },
        ]
      : []),
    ...(slow.length > 0 && settings.lffHz > 0
      ? [{ text: `${few(slow)} without LFF`, hint: `${list(slow)}: breath is slower than the low filter.` }]
      : []),
    ...(clipped.length > 0
      ? [
          {
            text: `clipped: ${few(clipped)}`,
            hint: `${list(clipped)} at the limit of the converter, told from the file before any filter.`,
          },
        ]
      : []),
    { text: `${pageText(settings.seconds)}/page${speed}` },
    { text: facts.negativeUp ? 'negative up' : 'positive up' },
    ...(facts.cut ? [{ text: 'traces cut at their lanes' }] : []),
    { text: 'display only, file unchanged' },
  ];
}

/** Names while they are few, else how many. */
function few(names: readonly string[]): string {
  return names.length <= 3 ? list(names) : `${names.length} channels`;
}

export interface PageTable {
  /** Starts of the columns, s. */
  columns: number[];
  stepS: number;
  rows: { label: string; note: string; rms: number; cursor: number | null; swings: number[] }[];
}

/** Peak-to-peak of every trace in about ten stretches of the page, with RMS of the page and the value at the cursor. */
export function pageTable(
  traces: readonly DrawnTrace[],
  startS: number,
  seconds: number,
  cursorS: number | null,
): PageTable {
  const stepS = Math.max(1, Math.round(seconds / 10));
  const columns = Array.from({ length: Math.ceil(seconds / stepS) }, (_, i) => startS + i * stepS);
  return {
    columns,
    stepS,
    rows: traces.map((trace) => {
      const at = cursorS === null ? null : valueAt(trace.pieces, cursorS);
      return {
        label: trace.label,
        note: noteOf(trace),
        rms: figuresOf(trace.pieces, startS, startS + seconds).rms,
        cursor: at && (at.low + at.high) / 2,
        swings: columns.map((from) => {
          const { count, low, high } = figuresOf(
            trace.pieces,
            from,
            Math.min(from + stepS, startS + seconds),
          );
          return count > 0 ? high - low : NaN;
        }),
      };
    }),
  };
}

function noteOf(trace: DrawnTrace): string {
  if (trace.missing !== null) return trace.missing;
  const clippedS = trace.saturated.reduce((sum, { fromS, toS }) => sum + toS - fromS, 0);
  return [
    trace.note ?? '',
    clippedS > 0
      ? `clipped for ${figure(clippedS)} s at ${list([...new Set(trace.saturated.map(({ who }) => who))])}`
      : '',
    trace.unit === 'µV' ? '' : trace.unit === '' ? 'without a unit' : `in ${trace.unit}`,
    trace.filtered === 'none' ? 'not filtered' : '',
  ]
    .filter(Boolean)
    .join('; ');
}

/** '20 min 48 s · 256 Hz · reference Cz · file filter HP:0.1Hz LP:75Hz · date shifted'. */
export function recordingFacts(detail: RecordingDetail): string[] {
  const rates =
    detail.sfreqHz.length > 3
      ? `${detail.sfreqHz.length} rates`
      : `${list(detail.sfreqHz.map((hz) => figure(hz, 4)))} Hz`;
  return [
    duration(detail.durationS),
    rates,
    detail.reference
      ? `reference: ${lowerFirst(detail.reference.split(/[:.]/)[0] ?? '')}`
      : 'reference not said',
    fileFilter(detail.prefilter),
    detail.startedAt === null ? 'no date' : '',
  ].filter(Boolean);
}

/** 'HP:0Hz LP:0Hz N:0Hz' is how some amplifiers say that nothing was filtered. */
function fileFilter(text: string): string {
  const numbers = text.match(/[\d.]+/g) ?? [];
  if (text.trim() === '') return 'file filter not said';
  return numbers.length > 0 && numbers.every((number) => Number(number) === 0)
    ? 'no file filter'
    : `file filter ${text.replace(/(\.\d*?)0+(?=\D|$)/g, '$1').replace(/\.(?=\D|$)/g, '')}`;
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]+( |$)/.test(text) && canonicalSite(text) === null
    ? text[0]!.toLowerCase() + text.slice(1)
    : text;
}
