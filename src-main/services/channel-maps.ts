/** What channels mean: naming patterns, the lab's answers, and which sites each recording has. */
import { suggestChannelMap, uniqueNames, type ChannelMapEntry } from '#shared/eeg/channel-map.ts';
import { compareSites } from '#shared/eeg/electrodes.ts';
import { AppError } from '#shared/errors.ts';
import { diffProfiles, labProfile, type ChannelAnswer, type LabProfile } from '#shared/eeg/lab-profile.ts';
import type { CoverageView, PatternView } from '#shared/views.ts';
import type { CatalogedRecording } from '#main/catalog/recordings.ts';
import type { Catalog } from '#main/catalog/catalog.ts';
import { os } from './implementer.ts';
import { mapRecording } from './imports.ts';
import { currentProfile } from './lab-profile.ts';
import type { Studies } from './study.ts';

export function channelMapService(studies: Studies) {
  const applyProfile = (profile: LabProfile) => {
    const { catalog } = studies.current();
    const at = new Date().toISOString();
    const recordings = readable(catalog);
    catalog.transaction(() => {
      const version = catalog.profiles.add(JSON.stringify(profile), at);
      for (const recording of recordings) mapRecording(catalog, recording.id, profile, version);
      catalog.audit.append('channel answers', { version, answers: Object.keys(profile.answers).length }, at);
    });
    studies.changed('channels', 'recordings');
    return recordings.length;
  };
  const profileNow = () => currentProfile(studies.current().catalog).profile ?? emptyProfile;
  return os.channelMaps.router({
    patterns: os.channelMaps.patterns.handler(() => patterns(studies.current().catalog)),
    coverage: os.channelMaps.coverage.handler(() => coverage(studies.current().catalog)),
    answer: os.channelMaps.answer.handler(({ input }) => {
      const before = profileNow();
      return { recordings: applyProfile({ ...before, answers: { ...before.answers, ...input.answers } }) };
    }),
    profile: os.channelMaps.profile.handler(() => ({ json: JSON.stringify(profileNow(), null, 2) })),
    useProfile: os.channelMaps.useProfile.handler(({ input }) => {
      const after = parseProfile(input.json);
      const changes = diffProfiles(profileNow(), after).map(
        ({ label, before, after: now }) => `${label}: ${answerWords(before)}, now ${answerWords(now)}`,
      );
      return { recordings: applyProfile(after), changes };
    }),
  });
}

const emptyProfile: LabProfile = { version: 1, name: 'Lab profile', answers: {} };

/** @throws AppError 'invalid-input' naming the first thing wrong */
export function parseProfile(json: string): LabProfile {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new AppError(
      'invalid-input',
      'This lab profile is not JSON. Choose a file that was saved by "Save as lab profile".',
      { cause },
    );
  }
  const parsed = labProfile.safeParse(value);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  throw new AppError(
    'invalid-input',
    `This is not a lab profile: ${first?.path.join('.') ?? ''} ${first?.message ?? ''}. Nothing was changed.`,
  );
}

/** Recordings with the same labels in the same order are one pattern; the most common first. */
function patterns(catalog: Catalog): PatternView[] {
  const { profile } = currentProfile(catalog);
  const byLabels = Map.groupBy(readable(catalog), (recording) =>
    catalog.recordings
      .channels(recording.id)
      .map((channel) => channel.label)
      .join('\n'),
  );
  return [...byLabels.values()]
    .map((recordings): PatternView => {
      const first = recordings[0]!;
      const channels = catalog.recordings.channels(first.id);
      const names = uniqueNames(channels.map((channel) => channel.label));
      const entries = suggestChannelMap(channels, profile ? { profile } : {});
      const bad = catalog.marks.badChannels(first.id);
      return {
        id: first.id,
        recordings: recordings.length,
        groups: [...new Set(recordings.map((recording) => recording.dataset))],
        labels: channels.map((channel) => channel.label),
        questions: entries.filter((entry) => entry.confidence === 'ask').length,
        reference: first.reference,
        bipolar: entries.some((entry) => entry.bipolar !== null),
        channels: entries.map((entry) => {
          const channel = channels[entry.position]!;
          return {
            position: entry.position,
            name: names[entry.position]!,
            label: channel.label,
            kind: entry.kind,
            unit: channel.unit,
            sfreqHz: channel.sfreqHz,
            electrode: entry.electrode,
            reference: entry.reference,
            bipolar: entry.bipolar ? [entry.bipolar[0], entry.bipolar[1]] : null,
            toMicrovolt: entry.toMicrovolt,
            confidence: entry.confidence,
            reason: entry.reason,
            disabled: channel.disabled ?? null,
            bad: bad.has(entry.position),
            question: entry.question?.text ?? null,
            choices: choicesOf(entry),
          };
        }),
      };
    })
    .sort((a, b) => b.recordings - a.recordings);
}

function choicesOf(entry: ChannelMapEntry): { answer: ChannelAnswer; text: string }[] {
  if (entry.confidence !== 'ask') return [];
  return [
    ...(entry.question?.options ?? []).map((electrode) => ({
      answer: { as: 'electrode' as const, electrode },
      text: `It is ${electrode}`,
    })),
    { answer: { as: 'ignore' as const }, text: 'Do not use' },
    { answer: { as: 'kind' as const, kind: 'unknown' as const }, text: 'Leave unknown' },
  ];
}

export function coverage(catalog: Catalog): CoverageView {
  const rows = readable(catalog).map((recording) => {
    const map = catalog.recordings
      .map(recording.id)
      .filter((entry) => entry.kind === 'eeg' && entry.bipolar === null && entry.electrode !== null);
    return { recording, sure: new Set(map.map((entry) => entry.electrode)) };
  });
  const electrodes = [...new Set(rows.flatMap((row) => [...row.sure]))]
    .filter((site) => site !== null)
    .sort(compareSites);
  return {
    electrodes,
    counts: electrodes.map((site) => rows.filter((row) => row.sure.has(site)).length),
    recordings: rows.map(({ recording, sure }) => ({
      id: recording.id,
      subject: recording.subject,
      group: recording.dataset,
      present: electrodes.map((site) => (sure.has(site) ? '1' : '0')).join(''),
    })),
  };
}

function readable(catalog: Catalog): CatalogedRecording[] {
  return catalog.recordings.list().filter((recording) => recording.refusal === null);
}

function answerWords(answer: ChannelAnswer | null | undefined): string {
  if (!answer) return 'not answered';
  switch (answer.as) {
    case 'electrode':
      return answer.electrode;
    case 'bipolar':
      return answer.sites.join('–');
    case 'kind':
      return answer.kind;
    case 'ignore':
      return 'not used';
  }
}
