/** What one parsed label means within its file: a site, a pair of sites, another kind of signal, a question, or nothing. */
import type { Channel, ChannelKind } from './recording.ts';
import type { ParsedLabel } from './channel-label.ts';
import type { NamingScheme } from './naming-scheme.ts';
import type { ChannelQuestion, Confidence } from './channel-map-entry.ts';
import { canonicalSite, siteNamed } from './electrodes.ts';
import { aliasOf } from './electrode-aliases.ts';
import { kindByLabel } from './channel-kinds.ts';

export interface Resolution {
  kind: ChannelKind;
  confidence: Confidence;
  electrode?: string;
  reference?: string | null;
  bipolar?: readonly [string, string];
  question?: ChannelQuestion;
  steps: string[];
}

/** Decides in the fixed order: kind by prefix, site or derivation, kind by words, question, unknown. */
export function resolveChannel(channel: Channel, parsed: ParsedLabel, scheme: NamingScheme): Resolution {
  if (channel.kind === 'annotations' || /^(EDF|BDF) Annotations$/i.test(parsed.cleaned))
    return { kind: 'annotations', confidence: 'certain', steps: ['annotations of the file, not a signal'] };
  if (/^(-+\d*|\.*)$/.test(parsed.cleaned))
    return { kind: 'aux', confidence: 'certain', steps: ['a placeholder without a name'] };
  if (parsed.type === 'other')
    return {
      kind: 'unknown',
      confidence: 'none',
      steps: ['a magnetic or intracranial channel, not on the scalp'],
    };
  if (parsed.type && parsed.type !== 'eeg')
    return {
      kind: parsed.type,
      confidence: 'certain',
      reference: parsed.reference,
      steps: ['the prefix says what it is'],
    };
  const site = resolveSite(parsed.token, scheme);
  if (site) return guardUnit(channel, derivation(parsed, site, scheme));
  return byWords(parsed, scheme) ?? unknown(parsed, scheme);
}

interface SiteGuess {
  site: string | null;
  confidence: 'certain' | 'likely' | 'ask';
  step: string;
  question?: ChannelQuestion;
}

/** One token against vocabulary, file context and aliases; null when it is none of them. */
function resolveSite(token: string, scheme: NamingScheme): SiteGuess | null {
  const upper = token.toUpperCase();
  const bank = /^([A-Z])(\d{1,3})$/.exec(upper);
  if (bank && scheme.banks.has(bank[1]!)) {
    const last = Number(bank[2]);
    if (bank[1] === 'E' && scheme.egi === last && [33, 65, 129, 257].includes(last))
      return { site: 'Cz', confidence: 'likely', step: `the last of ${last} sensors of an EGI net is Cz` };
    return { site: null, confidence: 'ask', step: scheme.bankReason, question: capQuestion };
  }
  if (upper === 'VREF')
    return scheme.egi > 0
      ? { site: 'Cz', confidence: 'likely', step: 'the reference at the vertex of an EGI net' }
      : {
          site: null,
          confidence: 'ask',
          step: 'a vertex reference, if the recorder was an EGI net',
          question: siteQuestion(token, ['Cz'], 'a vertex reference, if the recorder was an EGI net'),
        };
  // PSG of the AASM: E1 and E2 are eyes. Nets count further and are settled above.
  if (/^E[12]$/.test(upper)) return null;
  const alias = aliasOf(upper);
  if (alias) {
    const sure = alias.site && siteNamed(alias.site)?.class === 'ear' && scheme.named >= 5;
    return {
      site: alias.site,
      confidence: sure ? 'certain' : alias.certainty,
      step: alias.reason,
      ...(alias.site ? {} : { question: siteQuestion(token, alias.options, alias.reason) }),
    };
  }
  const site = canonicalSite(token);
  if (site)
    return { site, confidence: 'certain', step: site === token ? 'same name' : `same name as ${site}` };
  return typo(token, upper, scheme);
}

/** A zero typed for the letter O, the reverse, or a space inside a name: offered, never taken. */
function typo(token: string, upper: string, scheme: NamingScheme): SiteGuess | null {
  if (/^\d+$/.test(upper) && (scheme.padded || !/^0[12]$/.test(upper))) return null;
  const spaced = upper.replace(/ /g, '');
  const swapped = [upper.replace(/0/, 'O'), upper.replace(/O(?=\d*$)/, '0'), upper.replace(/O$/, '0')];
  const site = [spaced, ...swapped].map(canonicalSite).find((name) => name !== null);
  if (!site) return null;
  const step =
    spaced === upper
      ? `zero and the letter O may have been confused: ${site}?`
      : `a space inside the name: ${site}?`;
  return { site: null, confidence: 'ask', step, question: siteQuestion(token, [site], step) };
}

function derivation(parsed: ParsedLabel, first: SiteGuess, scheme: NamingScheme): Resolution {
  const { suffix, reference } = parsed;
  const alone = (named: string | null): Resolution => ({
    kind: 'eeg',
    confidence: first.confidence,
    reference: named,
    steps: [first.step],
    ...(first.site ? { electrode: first.site } : {}),
    ...(first.question ? { question: first.question } : {}),
  });
  if (suffix === null) return alone(null);
  const isReference = (site: string | null) =>
    ['ear', 'mastoid'].includes(siteNamed(site ?? '')?.class ?? '');
  const bankSuffix = /^([A-Z])\d{1,3}$/i.exec(suffix);
  const numbered = bankSuffix !== null && scheme.banks.has(bankSuffix[1]!.toUpperCase());
  if (reference && !numbered && !(isReference(first.site) && isReference(reference))) return alone(reference);
  const second = resolveSite(suffix, scheme);
  if (!second) return openEnding(parsed, first, scheme, alone);
  if (second.site && second.site === scheme.commonSite) {
    const result = alone(second.site);
    result.steps.push(`every channel here ends in -${second.site}: their common reference`);
    if (result.confidence === 'certain') result.confidence = 'likely';
    return result;
  }
  const steps = [first.step, `second site: ${second.step}`];
  if (first.site && second.site && first.site !== second.site) {
    const both = [first.confidence, second.confidence];
    return {
      kind: 'eeg',
      bipolar: [first.site, second.site],
      confidence: both.includes('likely') ? 'likely' : 'certain',
      steps: [...steps, `a difference of two sites (bipolar)`],
    };
  }
  const text = `Which two sites is “${parsed.cleaned}” the difference of?`;
  const question = first.question ?? second.question ?? { id: `pair:${parsed.cleaned}`, text, options: [] };
  return { kind: 'eeg', confidence: 'ask', steps, question };
}

/** A site followed by an ending nobody knows: a reference when several channels share it, a question otherwise. */
function openEnding(
  parsed: ParsedLabel,
  first: SiteGuess,
  scheme: NamingScheme,
  alone: (reference: string) => Resolution,
): Resolution {
  const suffix = parsed.suffix!;
  const words = kindByLabel(suffix);
  if (words && words.kind === 'aux' && !/^(ref|gnd)/i.test(suffix))
    return { kind: 'aux', confidence: words.certainty, steps: [words.reason] };
  if (scheme.commonEndings.has(suffix.toUpperCase()) || (words && /^(ref|gnd)/i.test(suffix))) {
    const result = alone(suffix);
    result.steps.push(`“${suffix}” is taken as the name of its reference`);
    if (result.confidence === 'certain') result.confidence = 'likely';
    return result;
  }
  const step = `the ending “${suffix}” is not known`;
  const options = first.site ? [first.site] : (first.question?.options ?? []);
  return {
    kind: 'eeg',
    confidence: 'ask',
    steps: [first.step, step],
    question: siteQuestion(parsed.cleaned, options, step),
  };
}

function byWords(parsed: ParsedLabel, scheme: NamingScheme): Resolution | null {
  const { body, token, reference } = parsed;
  if (numberLabel.test(token)) return null;
  if (/^E[12]$/i.test(token) && !scheme.banks.has('E')) {
    const side = token.endsWith('1') ? 'left' : 'right';
    return { kind: 'eog', confidence: 'likely', reference, steps: [`${side} eye of a sleep recording`] };
  }
  const words = kindByLabel(reference ? token : body);
  return words && { kind: words.kind, confidence: words.certainty, reference, steps: [words.reason] };
}

/** 'EEG 001', 'ch3', '20': a number, with the words people put before one. */
const numberLabel = /^(?:EEG|CH|CHAN|CHANNEL|EXG CHANNEL|V|X)?[ _#]?0*\d{1,3}$/i;

function unknown(parsed: ParsedLabel, scheme: NamingScheme): Resolution {
  const kind: ChannelKind = parsed.type === 'eeg' ? 'eeg' : 'unknown';
  if (!numberLabel.test(parsed.token) || parsed.suffix?.match(/[^-:/]/) === null)
    return { kind, confidence: 'none', reference: parsed.reference, steps: ['no known name'] };
  if (scheme.named >= 8)
    return {
      kind: 'unknown',
      confidence: 'none',
      reference: parsed.reference,
      steps: ['a numbered input beside named sites; probably nothing was attached'],
    };
  return {
    kind: 'eeg',
    confidence: 'ask',
    reference: parsed.reference,
    steps: ['only a number: its site depends on the cap'],
    question: capQuestion,
  };
}

const capQuestion: ChannelQuestion = {
  id: 'cap-template',
  text: 'The inputs are only numbered. Which cap was used?',
  options: [],
};

const siteQuestion = (label: string, options: readonly string[], why: string): ChannelQuestion => ({
  id: `site:${label.toUpperCase()}`,
  text: `Which site is “${label}”? ${why.charAt(0).toUpperCase()}${why.slice(1)}.`,
  options,
});

/** A site measured in degrees or percent is no EEG, whatever it is called. */
function guardUnit(channel: Channel, found: Resolution): Resolution {
  const unit = channel.unit.trim();
  if (found.kind !== 'eeg' || !otherUnit.test(unit)) return found;
  const { reference, steps } = found;
  const step = `measured in ${unit}, which is no voltage`;
  return {
    kind: 'unknown',
    confidence: 'ask',
    reference: reference ?? null,
    steps: [...steps, step],
    question: siteQuestion(channel.label, found.electrode ? [found.electrode] : [], step),
  };
}

const otherUnit =
  /^(%|deg.*|°.*|mm ?hg|cm ?h2o|mbar|k?pa|l\/.*|bpm|rpm|k?hz|bool(ean)?|m?s|m?g|m\/s.*|lux|k?ohms?|k?Ω|[cm]m|m?l)$/i;
