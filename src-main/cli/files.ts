/** `inspect`, `read`, `repair`: a file by itself, without a study. */
import { stat } from 'node:fs/promises';
import { suggestChannelMap, uniqueNames } from '#shared/eeg/channel-map.ts';
import { AppError } from '#shared/errors.ts';
import { encodeNpy } from '#main/export/npy.ts';
import { findRecordings } from '#main/io/files.ts';
import { inspectRecording, openRecording, type Inspection } from '#main/io/readers.ts';
import { repairEdf } from '#main/io/edf/repair.ts';
import { listOf, numberOf } from './arguments.ts';
import { table } from './terminal.ts';
import { UsageError, type Verb } from './verb.ts';
import { writeWhole } from './whole-file.ts';

export const inspectVerb: Verb = {
  summary: 'Reads header and timeline of files or folders; changes nothing.',
  usage: 'PATH…',
  takesWords: true,
  options: {},
  async run({ rest, flags }) {
    if (rest.length === 0) throw new UsageError('Which files? Name at least one.');
    const { files } = await findRecordings(rest);
    if (files.length === 0)
      throw new AppError('no-data', `No EEG files in ${rest.join(', ')}. Name a file, or another folder.`);
    const inspected = [];
    for (const { path } of files) inspected.push(await inspectOne(path));
    // One file that cannot be opened is a refusal; among others it is a row of the list.
    const [only] = inspected;
    if (inspected.length === 1 && only && 'error' in only) throw only.error;
    const json = inspected.map((each) =>
      'error' in each ? { path: each.path, refused: each.error.toJSON() } : each,
    );
    return { json, text: flags.json ? '' : inspected.map(describe).join('\n\n') };
  },
};

type Inspected = ReturnType<typeof withSites> | { path: string; error: AppError };

async function inspectOne(path: string): Promise<Inspected> {
  try {
    return withSites(await inspectRecording(path));
  } catch (error) {
    const refused = AppError.from(error);
    if (refused.code === 'internal') throw refused;
    return { path, error: refused };
  }
}

function withSites(inspection: Inspection) {
  const entries = suggestChannelMap(inspection.channels);
  const { path, format, bytes, startedAt, durationS, spans, annotations, findings } = inspection;
  return {
    path,
    format,
    bytes,
    startedAt,
    durationS,
    spans,
    channels: inspection.channels.map((channel, position) => ({
      label: channel.label,
      kind: entries[position]!.kind,
      unit: channel.unit,
      sfreqHz: channel.sfreqHz,
      samples: channel.samples,
      electrode: entries[position]!.electrode,
      bipolar: entries[position]!.bipolar,
      confidence: entries[position]!.confidence,
      reason: entries[position]!.reason,
      ...(channel.disabled === undefined ? {} : { disabled: channel.disabled }),
    })),
    annotations,
    findings,
  };
}

function describe(each: Inspected): string {
  if ('error' in each) return `${each.path}\n  cannot be opened: ${each.error.message}`;
  const rates = [...new Set(each.channels.map((channel) => channel.sfreqHz))].join(', ');
  const lines = [
    each.path,
    `  ${each.format}, ${each.durationS.toFixed(1)} s in ${each.spans.length} stretch${each.spans.length === 1 ? '' : 'es'}, ${each.channels.length} channels at ${rates} Hz, ${each.annotations.length} annotations`,
    ...each.findings.map(
      (finding) =>
        `  ${finding.severity}: ${finding.code}, ${finding.where}. ${finding.effect} ${finding.remedy}`,
    ),
  ];
  const rows = each.channels.map((channel) => [
    '  ' + channel.label,
    channel.kind,
    channel.electrode ?? channel.bipolar?.join('–') ?? '',
    channel.confidence,
    channel.reason,
  ]);
  return `${lines.join('\n')}\n${table(rows)}`;
}

export const readVerb: Verb = {
  summary: 'Writes physical values of a stretch of a file as NumPy arrays.',
  usage: 'PATH --start S --seconds S [--channels A,B] --out X.npy',
  takesWords: true,
  options: {
    start: { type: 'string' },
    seconds: { type: 'string' },
    channels: { type: 'string', multiple: true },
    out: { type: 'string' },
  },
  async run({ rest, values }) {
    const [path, ...more] = rest;
    if (path === undefined || more.length > 0) throw new UsageError('Which file? Name exactly one.');
    const out = values['out'];
    if (typeof out !== 'string') throw new UsageError('Where to? Give --out X.npy.');
    const startS = numberOf(values, 'start', 0);
    const wantedS = numberOf(values, 'seconds', NaN);
    const channels = listOf(values, 'channels');
    await using recording = await openRecording(path);
    const seconds = Number.isNaN(wantedS) ? recording.header.durationS - startS : wantedS;
    if (!(seconds > 0))
      throw new AppError(
        'invalid-input',
        `--seconds must be above 0; the recording lasts ${recording.header.durationS} s.`,
      );
    const { durationS } = recording.header;
    if (startS >= durationS || startS + seconds <= 0)
      throw new AppError(
        'invalid-input',
        `The recording lasts from 0 to ${durationS} s; ${startS} s to ${startS + seconds} s lie outside it. Choose --start and --seconds within it.`,
      );
    const outsideS = Math.max(0, -startS) + Math.max(0, startS + seconds - durationS);
    const chosen = choose(recording.header.channels, channels);
    const data = await recording.read(startS, seconds, chosen);
    const byRate = Map.groupBy(chosen.keys(), (at) => recording.header.channels[chosen[at]!]!.sfreqHz);
    const files = [];
    for (const [sfreqHz, positions] of byRate) {
      const samples = data[positions[0]!]!.length;
      const joined = new Float32Array(positions.length * samples);
      positions.forEach((at, row) => joined.set(data[at]!, row * samples));
      const file = byRate.size === 1 ? out : out.replace(/(\.npy)?$/, `.${sfreqHz}Hz.npy`);
      await writeWhole(file, encodeNpy({ shape: [positions.length, samples], data: joined }));
      files.push({
        path: file,
        channels: positions.map((at) => recording.header.channels[chosen[at]!]!.label),
        sfreqHz,
        shape: [positions.length, samples],
      });
    }
    return {
      json: { files },
      text: [
        ...files.map((file) => `${file.path}: ${file.shape.join(' × ')} at ${file.sfreqHz} Hz`),
        ...(outsideS > 1e-6
          ? [`${Number(outsideS.toFixed(3))} s of it lie outside the recording and are NaN.`]
          : []),
      ].join('\n'),
    };
  },
};

/** Channels by label or unique name ('T8-P8#2'), all signals when none are named. */
function choose(
  channels: readonly { label: string; kind: string }[],
  wanted: readonly string[] | undefined,
): number[] {
  if (wanted === undefined)
    return channels.flatMap((channel, position) => (channel.kind === 'annotations' ? [] : [position]));
  if (wanted.length === 0) throw new UsageError('--channels names none; leave it out to read all of them.');
  const names = uniqueNames(channels.map((channel) => channel.label));
  return wanted.map((name) => {
    const position = names.indexOf(name);
    if (position < 0)
      throw new AppError('not-found', `There is no channel "${name}"; there are ${names.join(', ')}.`);
    return position;
  });
}

export const repairVerb: Verb = {
  summary: 'Writes mended copies of damaged files; never touches the source.',
  usage: 'PATH… --out DIR',
  takesWords: true,
  options: { out: { type: 'string' } },
  async run({ rest, values }) {
    const out = values['out'];
    if (typeof out !== 'string' || rest.length === 0)
      throw new UsageError('Name files or folders, and a folder for the copies with --out DIR.');
    const { files } = await findRecordings(rest);
    const results = [];
    for (const { path } of files) results.push(await repairEdf(path, out));
    const sizes = await Promise.all(
      results.map(async (result) => (result.copy ? (await stat(result.copy)).size : 0)),
    );
    const rows = results.map((result, at) => [
      result.path,
      result.copy ?? (result.remaining.length === 0 ? 'nothing to mend' : 'no copy'),
      result.mended.length,
      result.remaining.length,
      sizes[at]!,
    ]);
    const lines = results.flatMap(({ path, mended, remaining }) => [
      ...mended.map(
        (each) => `${path}: ${each.code} mended, ${each.before || 'nothing'} → ${each.after || 'nothing'}`,
      ),
      ...remaining.map(
        (each) => `${path}: ${each.code} remains, ${each.where}. ${each.effect} ${each.remedy}`,
      ),
    ]);
    const overview = table([['file', 'copy', 'mended', 'remaining', 'bytes'], ...rows]);
    return { json: results, text: [overview, ...lines].join('\n') };
  },
};
