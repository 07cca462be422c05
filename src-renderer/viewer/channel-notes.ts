/** What a reader must know of single channels of a page: bad, clipped, flat, not drawn. */
import type { RecordingDetail } from '#shared/views.ts';
import { figure, list } from '../words.ts';
import type { DrawnTrace } from './page-scene.ts';

export interface ChannelNote {
  /** 'bad' can be taken back. */
  kind: 'bad' | 'clipped' | 'flat' | 'missing';
  /** Of the channel, or of the rows. */
  name: string;
  text: string;
  /** Position in the file, where it is one channel. */
  position: number | null;
}

export function channelNotes(
  channels: RecordingDetail['channelList'],
  traces: readonly DrawnTrace[],
): ChannelNote[] {
  return [...badNotes(channels), ...clippedNotes(traces), ...flatNotes(traces), ...missingNotes(traces)];
}

function badNotes(channels: RecordingDetail['channelList']): ChannelNote[] {
  return channels
    .filter(({ bad }) => bad)
    .map(({ electrode, bipolar, label, position }) => ({
      kind: 'bad',
      name: electrode ?? bipolar?.join('–') ?? label,
      text: 'marked bad: drawn in grey, in no average',
      position,
    }));
}

function clippedNotes(traces: readonly DrawnTrace[]): ChannelNote[] {
  // A channel in several rows is one channel.
  const stretches = new Map<string, Map<number, number>>();
  for (const { saturated } of traces)
    for (const { fromS, toS, who } of saturated) {
      const own = stretches.get(who) ?? new Map<number, number>();
      stretches.set(who, own.set(fromS, toS));
    }
  return [...stretches].map(([name, own]) => {
    const seconds = [...own].reduce((sum, [fromS, toS]) => sum + toS - fromS, 0);
    return {
      kind: 'clipped',
      name,
      text: `clipped for ${seconds < 1 ? `${figure(seconds * 1000)} ms` : `${figure(seconds)} s`} of this page`,
      position: null,
    };
  });
}

/** Rows that are flat for as long are one note: a recorder that stopped stops all of them. */
function flatNotes(traces: readonly DrawnTrace[]): ChannelNote[] {
  const secondsOf = ({ flat }: DrawnTrace): number =>
    flat.reduce((sum, { fromS, toS }) => sum + toS - fromS, 0);
  const byLength = Map.groupBy(
    traces.filter(({ flat }) => flat.length > 0),
    (trace) => figure(secondsOf(trace)),
  );
  return [...byLength].map(([seconds, rows]) => ({
    kind: 'flat',
    name: rowNames(rows),
    text: `flat for ${seconds} s of this page`,
    position: null,
  }));
}

function rowNames(rows: readonly { label: string }[]): string {
  return rows.length > 3 ? `${rows.length} rows` : list(rows.map(({ label }) => label));
}

/** One note for all rows: the page itself says the reason of each. */
function missingNotes(traces: readonly DrawnTrace[]): ChannelNote[] {
  const rows = traces.flatMap(({ label, missing }) => (missing === null ? [] : [{ label, missing }]));
  if (rows.length === 0) return [];
  const reasons = [...new Set(rows.flatMap(({ missing }) => missing.split('; ')))];
  const absent = reasons.flatMap((reason) => /^(\S+) is not recorded$/.exec(reason)?.[1] ?? []);
  const others = reasons.filter((reason) => !reason.endsWith(' is not recorded'));
  const said = [absent.length > 0 ? `without ${list(absent)}` : '', ...others].filter(Boolean).join('; ');
  return [
    {
      kind: 'missing',
      name: rowNames(rows),
      text: `not drawn: ${said}`,
      position: null,
    },
  ];
}
