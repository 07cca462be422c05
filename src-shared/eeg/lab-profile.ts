/** A laboratory's answers about its own labels: given once, applied to every recording that uses them. */
import * as z from 'zod';
import { canonicalSite } from './electrodes.ts';
import { siteOf, withStep, type ChannelMapEntry } from './channel-map-entry.ts';

const site = z.string().refine((name) => canonicalSite(name) === name, {
  error: 'Not a site of the 10-5 system, e.g. Fp1 or T7.',
});

export const channelAnswer = z.discriminatedUnion('as', [
  z.strictObject({ as: z.literal('electrode'), electrode: site }),
  z.strictObject({ as: z.literal('bipolar'), sites: z.tuple([site, site]) }),
  z.strictObject({
    as: z.literal('kind'),
    kind: z.enum(['eog', 'ecg', 'emg', 'resp', 'acc', 'trigger', 'annotations', 'aux', 'unknown']),
  }),
  z.strictObject({ as: z.literal('ignore') }),
]);
export type ChannelAnswer = z.infer<typeof channelAnswer>;

export const labProfile = z.strictObject({
  version: z.literal(1),
  name: z.string().trim().min(1).max(80),
  /** Keyed by the channel's unique name in its file ('T8-P8', 'T8-P8#2'). */
  answers: z.record(z.string(), channelAnswer),
});
export type LabProfile = z.infer<typeof labProfile>;

/** Settles every channel the profile knows by name. Applying it again changes nothing. */
export function applyProfile(entries: readonly ChannelMapEntry[], profile: LabProfile): ChannelMapEntry[] {
  return entries.map((entry) => {
    const answer = Object.hasOwn(profile.answers, entry.name) ? profile.answers[entry.name] : undefined;
    if (!answer) return entry;
    const step = `settled by the lab profile “${profile.name}”`;
    const settled = settle(entry, answer);
    return entry.steps.at(-1) === step ? { ...settled, steps: entry.steps } : withStep(settled, step);
  });
}

/** What a person decided, made effective on one entry; the reason stays for the caller to extend. */
export function settle(entry: ChannelMapEntry, answer: ChannelAnswer): ChannelMapEntry {
  const blank = { electrode: null, bipolar: null, confidence: 'certain', question: null } as const;
  switch (answer.as) {
    case 'electrode':
      return { ...entry, ...blank, kind: 'eeg', electrode: answer.electrode };
    case 'bipolar':
      return { ...entry, ...blank, kind: 'eeg', reference: null, bipolar: answer.sites };
    case 'kind':
      return { ...entry, ...blank, kind: answer.kind };
    case 'ignore':
      return { ...entry, ...blank, kind: 'aux' };
  }
}

/** The answers hidden in a corrected map: every channel that differs from what was suggested. */
export function profileFromCorrections(
  name: string,
  suggested: readonly ChannelMapEntry[],
  corrected: readonly ChannelMapEntry[],
): LabProfile {
  const before = new Map(suggested.map((entry) => [entry.name, entry]));
  const answers = corrected.flatMap((entry): [string, ChannelAnswer][] => {
    const was = before.get(entry.name);
    if (entry.confidence === 'ask' || entry.confidence === 'none') return [];
    const same =
      was?.kind === entry.kind && siteOf(was) === siteOf(entry) && was.confidence === entry.confidence;
    return same ? [] : [[entry.name, answerOf(entry)]];
  });
  return { version: 1, name, answers: Object.fromEntries(answers) };
}

function answerOf({ kind, electrode, bipolar }: ChannelMapEntry): ChannelAnswer {
  if (kind !== 'eeg') return { as: 'kind', kind };
  if (electrode !== null) return { as: 'electrode', electrode };
  return bipolar ? { as: 'bipolar', sites: [bipolar[0], bipolar[1]] } : { as: 'ignore' };
}

export interface ProfileDifference {
  label: string;
  before: ChannelAnswer | null;
  after: ChannelAnswer | null;
}

/** Labels that two profiles answer differently, in alphabetical order; null where one has no answer. */
export function diffProfiles(before: LabProfile, after: LabProfile): ProfileDifference[] {
  const labels = [...new Set([...Object.keys(before.answers), ...Object.keys(after.answers)])].sort();
  return labels.flatMap((label) => {
    const pair = [before, after].map(({ answers }) =>
      Object.hasOwn(answers, label) ? answers[label]! : null,
    );
    const [was = null, is = null] = pair;
    return JSON.stringify(was) === JSON.stringify(is) ? [] : [{ label, before: was, after: is }];
  });
}
