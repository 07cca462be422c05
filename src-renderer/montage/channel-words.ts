/** Channels in words: what kind, which site, how sure, which naming it follows; answers gathered before they are applied. */
import type { ChannelAnswer } from '#shared/eeg/lab-profile.ts';
import type { PatternView } from '#shared/views.ts';
import type { HeadSite } from '../ui/head-site.ts';
import { figure } from '../words.ts';

export type PatternChannel = PatternView['channels'][number];

export const kindNames: Record<PatternChannel['kind'], string> = {
  eeg: 'EEG',
  eog: 'EOG',
  ecg: 'ECG',
  emg: 'EMG',
  resp: 'Breathing',
  acc: 'Movement',
  trigger: 'Trigger',
  annotations: 'Annotations',
  aux: 'Other',
  unknown: 'Unknown',
};

export function siteText(
  channel: Pick<PatternChannel, 'electrode' | 'bipolar' | 'kind' | 'confidence'>,
): string {
  const site = channel.electrode ?? channel.bipolar?.join('-');
  if (site === undefined) return '—';
  return channel.confidence === 'ask' ? `${site}?` : site;
}

/** 'mV to µV' where it is converted. */
export function unitText({
  unit,
  toMicrovolt,
  kind,
}: Pick<PatternChannel, 'unit' | 'toMicrovolt' | 'kind'>): string {
  const plain = unit.replace(/^uV$/i, 'µV');
  if (toMicrovolt === 1 || kind === 'annotations' || kind === 'trigger') return plain || '—';
  return `${plain || 'unit'} to µV, × ${figure(toMicrovolt, 6)}`;
}

/** The site has another name in the file than in ours. */
export function isOlderName(channel: Pick<PatternChannel, 'label' | 'electrode'>): boolean {
  return (
    channel.electrode !== null &&
    !new RegExp(`(^|[^A-Za-z0-9])${channel.electrode}([^0-9]|$)`, 'i').test(channel.label)
  );
}

export function headSites(channels: readonly PatternChannel[]): HeadSite[] {
  const seen = new Map<string, HeadSite>();
  for (const channel of channels) {
    if (channel.kind !== 'eeg') continue;
    const sites = channel.electrode ? [channel.electrode] : (channel.bipolar ?? []);
    for (const site of sites)
      if (!seen.has(site) || channel.confidence === 'ask')
        seen.set(site, {
          site,
          state:
            channel.confidence === 'ask'
              ? 'question'
              : channel.bad
                ? 'bad'
                : channel.electrode && isOlderName(channel)
                  ? 'older'
                  : 'certain',
        });
  }
  return [...seen.values()];
}

export function sameAnswer(a: ChannelAnswer | undefined, b: ChannelAnswer): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

/** Questions without an answer yet; a label that several patterns ask about is one question. */
export function openQuestions(
  patterns: readonly PatternView[],
  answers: Readonly<Record<string, ChannelAnswer>>,
): number {
  const names = patterns.flatMap(({ channels }) =>
    channels.filter(({ confidence }) => confidence === 'ask').map(({ name }) => name),
  );
  return new Set(names.filter((name) => !Object.hasOwn(answers, name))).size;
}

export interface SharedQuestion {
  question: string;
  names: string[];
  /** The answers that make sense for all of them. */
  choices: PatternChannel['choices'];
}

/** Questions in the same words about at least four labels, to be answered at once: by what they all offer. */
export function sharedQuestions(channels: readonly PatternChannel[]): SharedQuestion[] {
  const asked = channels.filter(({ confidence, question }) => confidence === 'ask' && question !== null);
  return [...Map.groupBy(asked, ({ question }) => question ?? '').entries()].flatMap(
    ([question, members]) => {
      const choices = members[0]!.choices.filter(({ answer }) =>
        members.every((member) => member.choices.some((choice) => sameAnswer(choice.answer, answer))),
      );
      return members.length >= 4 && choices.length > 0
        ? [{ question, names: members.map(({ name }) => name), choices }]
        : [];
    },
  );
}

/** '11 ways of naming channels cover all 301 recordings. 320 of 322 labels are settled, 2 questions wait for you.' */
export function headline(patterns: readonly PatternView[]): string {
  const recordings = patterns.reduce((sum, pattern) => sum + pattern.recordings, 0);
  const labels = patterns.reduce((sum, pattern) => sum + pattern.channels.length, 0);
  const asked = patterns.reduce((sum, pattern) => sum + pattern.questions, 0);
  const questions = openQuestions(patterns, {});
  const ways =
    patterns.length === 1
      ? '1 way of naming channels covers'
      : `${patterns.length} ways of naming channels cover`;
  const open =
    questions === 0
      ? 'no question is open'
      : questions === 1
        ? '1 question waits for you'
        : `${questions.toLocaleString('en-GB')} questions wait for you`;
  return `${ways} all ${recordings.toLocaleString('en-GB')} recordings. ${(labels - asked).toLocaleString('en-GB')} of ${labels.toLocaleString('en-GB')} labels are settled, ${open}, none is dropped.`;
}

/** What coverage says: '10 sites are in every recording, 62 in at least one.' */
export function coverageWords(
  counts: readonly number[],
  recordings: number,
): { strong: string; rest: string } {
  const every = counts.filter((value) => value === recordings).length;
  return {
    strong:
      every === 0
        ? 'No site is in every recording'
        : every === 1
          ? '1 site is in every recording'
          : `${every} sites are in every recording`,
    rest: `, ${counts.length} in at least one. A model sees all ${counts.length}; a missing site is masked, never filled with zeros.`,
  };
}

/** The last step decided, so it comes first: 'Same name as Fp1; prefix “EEG” taken off'. */
export function reasonWords(reason: string): string {
  const steps = reason.split('; ');
  const words = [...steps.slice(-1), ...steps.slice(0, -1)].join('; ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
