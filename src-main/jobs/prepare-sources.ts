/** Which recordings are prepared together: those of a data set that share a rate, their electrodes united. */
import { compareSites } from '#shared/eeg/electrodes.ts';
import type { Span } from '#shared/eeg/recording.ts';
import { AppError } from '#shared/errors.ts';
import type { PrepareParams } from '#shared/params/prepare.ts';

export interface PrepareRecording {
  id: string;
  path: string;
  sha256: string;
  /** As it was when it was added; another length or time of change says that it no longer is that recording. */
  bytes: number;
  modifiedMs: number;
  dataset: string;
  subject: string;
  durationS: number;
  spans: Span[];
  /** Mapped scalp channels; `factor` turns the reader's µV into the map's µV. */
  channels: { position: number; electrode: string; sfreqHz: number; factor: number }[];
}

/** Recordings that share data set and rate; their electrodes are united, absent ones masked. */
export interface Source {
  name: string;
  sfreqHz: number;
  windowS: number;
  electrodes: string[];
  recordings: PrepareRecording[];
}

/**
 * Channels of a recording in the order of the sites, all at the rate that most of them have; the others are told of.
 *
 * @throws AppError 'no-data' when no recording has a channel with a site
 */
export function planSources(
  all: readonly PrepareRecording[],
  params: PrepareParams,
): { sources: Source[]; passedOver: string[] } {
  const passedOver: string[] = [];
  const usable = all.flatMap((recording) => {
    if (recording.channels.length === 0) {
      passedOver.push(
        `${recording.subject} (${recording.id}) has no channel with a settled site; it is left out.`,
      );
      return [];
    }
    const [sfreqHz] = [...Map.groupBy(recording.channels, (channel) => channel.sfreqHz)].sort(
      (a, b) => b[1].length - a[1].length,
    )[0]!;
    const channels = recording.channels
      .filter((channel) => channel.sfreqHz === sfreqHz)
      .sort((a, b) => compareSites(a.electrode, b.electrode));
    const others = recording.channels.length - channels.length;
    if (others > 0)
      passedOver.push(
        `${recording.subject} (${recording.id}): ${others} sites at another rate than ${sfreqHz} Hz are left out.`,
      );
    return [{ ...recording, channels, sfreqHz }];
  });
  if (usable.length === 0) {
    throw new AppError(
      'no-data',
      'No recording has a channel with a settled site. Answer the questions under Channels first.',
      { details: { passedOver } },
    );
  }
  const groups = Map.groupBy(
    usable,
    (recording) => `${recording.dataset}\n${params.sfreqHz || recording.sfreqHz}`,
  );
  const names = new Map<string, number>();
  for (const recordings of groups.values())
    names.set(recordings[0]!.dataset, (names.get(recordings[0]!.dataset) ?? 0) + 1);
  const sources = [...groups.values()].map((recordings): Source => {
    const { dataset } = recordings[0]!;
    const sfreqHz = params.sfreqHz || recordings[0]!.sfreqHz;
    const electrodes = [
      ...new Set(recordings.flatMap((recording) => recording.channels.map((channel) => channel.electrode))),
    ].sort(compareSites);
    return {
      name: names.get(dataset) === 1 ? dataset : `${dataset}, ${sfreqHz} Hz`,
      sfreqHz,
      windowS: params.windowS || Math.max(1, Math.floor(256 / electrodes.length)),
      electrodes,
      recordings,
    };
  });
  return { sources, passedOver };
}

/** What besides the file's content changes the result: data set, subject, positions, sites and factors. */
export function mapFingerprint(recording: PrepareRecording): unknown[] {
  return [
    recording.dataset,
    recording.subject,
    ...recording.channels.map(({ position, electrode, factor }) => `${position}:${electrode}:${factor}`),
  ];
}
