/** From a file's labels to scalp sites: a suggestion for every channel, with how sure it is and why. */
import type { Channel, ChannelKind } from './recording.ts';
import { parseLabel, type ParsedLabel } from './channel-label.ts';
import { namingScheme, type NamingScheme } from './naming-scheme.ts';
import { resolveChannel } from './channel-resolve.ts';
import { applyProfile, type LabProfile } from './lab-profile.ts';
import { siteOf, withStep, type ChannelMapEntry, type ChannelQuestion } from './channel-map-entry.ts';

export { siteOf, type ChannelMapEntry, type ChannelQuestion, type Confidence } from './channel-map-entry.ts';
export { labProfile, type LabProfile } from './lab-profile.ts';

/** One entry per channel, in file order. Settled answers of a lab profile come last and win. */
export function suggestChannelMap(
  channels: readonly Channel[],
  context: { profile?: LabProfile } = {},
): ChannelMapEntry[] {
  const parsed = channels.map(({ label }) => parseLabel(label));
  const scheme = namingScheme(parsed);
  const names = uniqueNames(channels.map(({ label }) => label));
  const entries = settleRepeats(
    channels.map((channel, position) =>
      suggest(channel, position, names[position]!, parsed[position]!, scheme),
    ),
  );
  return context.profile ? applyProfile(entries, context.profile) : entries;
}

/** Repeated labels get '#2', '#3' … in file order; a name that is taken already is passed over. */
export function uniqueNames(labels: readonly string[]): string[] {
  const taken = new Set(labels);
  const seen = new Map<string, number>();
  return labels.map((label) => {
    let times = (seen.get(label) ?? 0) + 1;
    if (times > 1) while (taken.has(`${label}#${times}`)) times++;
    seen.set(label, times);
    const name = times === 1 ? label : `${label}#${times}`;
    taken.add(name);
    return name;
  });
}

export interface MapSummary {
  channels: number;
  /** Carry a site or a pair of sites. */
  mapped: number;
  /** Known, and no scalp signal. */
  auxiliary: number;
  /** A person is asked. */
  asked: number;
  unknown: number;
}

/** The four counts add up to `channels`. */
export function summariseMap(entries: readonly ChannelMapEntry[]): MapSummary {
  const asked = entries.filter(({ confidence }) => confidence === 'ask').length;
  const mapped = entries.filter((entry) => siteOf(entry) !== null).length;
  const auxiliary = entries.filter(
    ({ kind, confidence }) => kind !== 'eeg' && kind !== 'unknown' && confidence !== 'ask',
  ).length;
  return {
    channels: entries.length,
    mapped,
    auxiliary,
    asked,
    unknown: entries.length - mapped - auxiliary - asked,
  };
}

/** Open questions, each once, with the channels it is about. */
export function openQuestions(
  entries: readonly ChannelMapEntry[],
): (ChannelQuestion & { names: string[] })[] {
  const asked = entries.flatMap(({ question, name }) => (question ? [{ ...question, name }] : []));
  return [...Map.groupBy(asked, ({ id }) => id).values()].map((group) => {
    const { id, text, options } = group[0]!;
    return { id, text, options, names: group.map(({ name }) => name) };
  });
}

function suggest(
  channel: Channel,
  position: number,
  name: string,
  parsed: ParsedLabel,
  scheme: NamingScheme,
): ChannelMapEntry {
  const found = resolveChannel(channel, parsed, scheme);
  const steps = [...parsed.steps, ...found.steps, ...unitSteps(channel, found.kind)];
  return {
    position,
    label: channel.label,
    name,
    kind: found.kind,
    electrode: found.electrode ?? null,
    reference: found.reference ?? null,
    bipolar: found.bipolar ?? null,
    unit: channel.unit,
    toMicrovolt: channel.toMicrovolt,
    sign: 1,
    sfreqHz: channel.sfreqHz,
    confidence: found.confidence,
    reason: steps.join('; '),
    steps,
    question: found.question ?? null,
  };
}

function unitSteps({ unit, toMicrovolt, disabled }: Channel, kind: ChannelKind): string[] {
  const steps: string[] = [];
  if (kind === 'eeg' && toMicrovolt !== 1) steps.push(`${unit} × ${toMicrovolt} gives µV`);
  if (kind === 'eeg' && !/v$/i.test(unit))
    steps.push('the file names no voltage unit; values are taken as µV');
  if (disabled) steps.push(`not usable: ${disabled}`);
  return steps;
}

/** Two channels cannot both be one site: the only exact name beats others, else the first stays and the others are asked about. */
function settleRepeats(entries: readonly ChannelMapEntry[]): ChannelMapEntry[] {
  const bySite = Map.groupBy(
    entries.filter((entry) => siteOf(entry) !== null),
    (entry) => siteOf(entry)!,
  );
  const changed = new Map<number, ChannelMapEntry>();
  for (const [site, group] of bySite) {
    if (group.length < 2) continue;
    const exact = group.filter(({ steps }) => steps.some((step) => step.startsWith('same name')));
    const keeper = exact.length === 1 ? exact[0]! : group[0]!;
    for (const entry of group) {
      const others = group.filter((other) => other !== entry).map((other) => other.name);
      const step =
        entry === keeper
          ? `${others.join(', ')} would be ${site} too; this channel is taken`
          : `${keeper.name} is ${site} already`;
      changed.set(
        entry.position,
        entry === keeper
          ? withStep(entry, step, { confidence: exact.length === 1 ? entry.confidence : 'likely' })
          : withStep(entry, step, {
              electrode: null,
              bipolar: null,
              confidence: 'ask',
              question: {
                id: `repeat:${site}`,
                text: `Several channels are called ${site}. Which of them is it?`,
                options: [site],
              },
            }),
      );
    }
  }
  return entries.map((entry) => changed.get(entry.position) ?? entry);
}
