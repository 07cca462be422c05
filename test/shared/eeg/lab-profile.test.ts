/** Answers given once: applied, applied again, learned from corrections, compared. */
import { describe, expect, it } from 'vitest';
import { siteOf, suggestChannelMap } from '#shared/eeg/channel-map.ts';
import {
  applyProfile,
  diffProfiles,
  labProfile,
  profileFromCorrections,
  settle,
  type LabProfile,
} from '#shared/eeg/lab-profile.ts';
import { capAnswers, capTemplates } from '#shared/eeg/cap-templates.ts';
import { channel, channels } from './channel-fixture.ts';
import { labelFiles } from './labels.ts';

const profile: LabProfile = {
  version: 1,
  name: 'Ward 4',
  answers: {
    '01': { as: 'electrode', electrode: 'O1' },
    T1: { as: 'electrode', electrode: 'FT9' },
    X1: { as: 'kind', kind: 'ecg' },
    HL: { as: 'ignore' },
    'P1-P2': { as: 'bipolar', sites: ['C3', 'C4'] },
  },
};
const asked = [...channels('Fp1 Fp2 C3 Cz 01 T1 X1 HL P1-P2 toString')];

describe('a lab profile', () => {
  it('settles what it knows and leaves the rest', () => {
    const map = suggestChannelMap(asked, { profile });
    expect(map.map(siteOf)).toEqual(['Fp1', 'Fp2', 'C3', 'Cz', 'O1', 'FT9', null, null, 'C3-C4', null]);
    expect(map.map(({ kind }) => kind).slice(6, 8)).toEqual(['ecg', 'aux']);
    const settled = map.slice(4, 9);
    expect(settled.every(({ confidence, question }) => confidence === 'certain' && question === null)).toBe(
      true,
    );
    expect(settled.every(({ reason }) => reason.endsWith('settled by the lab profile “Ward 4”'))).toBe(true);
  });

  it('changes nothing when applied twice', () => {
    for (const { cases } of labelFiles) {
      const answers = Object.fromEntries(
        cases.map(({ label }) => [label, { as: 'electrode', electrode: 'Cz' } as const]),
      );
      const once = applyProfile(suggestChannelMap(cases.map(({ label }) => channel(label))), {
        ...profile,
        answers,
      });
      expect(applyProfile(once, { ...profile, answers })).toEqual(once);
    }
  });

  it('learns from corrections so that the next file needs none', () => {
    const suggested = suggestChannelMap(asked);
    const corrected = suggested.map((entry) => {
      const answer = profile.answers[entry.name];
      return answer && Object.hasOwn(profile.answers, entry.name) ? settle(entry, answer) : entry;
    });
    const learned = profileFromCorrections('Ward 4', suggested, corrected);
    expect(Object.keys(learned.answers).sort()).toEqual(Object.keys(profile.answers).sort());
    expect(labProfile.parse(JSON.parse(JSON.stringify(learned)))).toEqual(learned);
    const next = suggestChannelMap(asked, { profile: learned });
    expect(next.map((entry) => [entry.kind, siteOf(entry)])).toEqual(
      corrected.map((entry) => [entry.kind, siteOf(entry)]),
    );
    expect(profileFromCorrections('none', suggested, suggested).answers).toEqual({});
  });

  it('settles a numbered cap with a template', () => {
    const labels = ['A', 'B'].flatMap((bank) => Array.from({ length: 32 }, (_, i) => `${bank}${i + 1}`));
    const cap = capTemplates.find(({ id }) => id === 'biosemi-64')!;
    const answers = Object.fromEntries(
      Object.entries(capAnswers(cap, labels)).map(([label, electrode]) => [
        label,
        { as: 'electrode', electrode } as const,
      ]),
    );
    const map = suggestChannelMap(
      labels.map((label) => channel(label)),
      { profile: labProfile.parse({ version: 1, name: 'cap', answers }) },
    );
    expect(map.map(siteOf)).toEqual(cap.sites);
  });

  it('refuses names that are no sites and fields it does not know', () => {
    const broken = (answer: unknown) =>
      labProfile.safeParse({ version: 1, name: 'x', answers: { a: answer } }).success;
    expect(broken({ as: 'electrode', electrode: 'T7' })).toBe(true);
    expect(broken({ as: 'electrode', electrode: 't7' })).toBe(false);
    expect(broken({ as: 'electrode', electrode: 'T7', sign: -1 })).toBe(false);
    expect(broken({ as: 'kind', kind: 'eeg' })).toBe(false);
  });

  it('lists differences of two profiles, in either direction', () => {
    const other: LabProfile = {
      ...profile,
      answers: { ...profile.answers, T1: { as: 'ignore' }, Q: { as: 'kind', kind: 'aux' } },
    };
    delete other.answers['X1'];
    const there = diffProfiles(profile, other);
    expect(there.map(({ label }) => label)).toEqual(['Q', 'T1', 'X1']);
    expect(there[0]!.before).toBeNull();
    expect(there[2]!.after).toBeNull();
    expect(diffProfiles(other, profile)).toEqual(
      there.map(({ label, before, after }) => ({ label, before: after, after: before })),
    );
    expect(diffProfiles(profile, profile)).toEqual([]);
  });
});
