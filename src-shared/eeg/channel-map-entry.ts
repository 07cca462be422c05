/** What is known about one channel of a recording: what it carries, from where, how sure, and why. */
import type { ChannelKind } from './recording.ts';

/** `ask`: a person must decide; `none`: nothing to suggest. Only `certain` and `likely` carry a site. */
export type Confidence = 'certain' | 'likely' | 'ask' | 'none';

/** Something only a person can know. Entries with the same id are one question. */
export interface ChannelQuestion {
  id: string;
  text: string;
  /** Sites to choose from; empty when a cap template or a free answer is wanted. */
  options: readonly string[];
}

export interface ChannelMapEntry {
  /** Position in the file's header: the identity of the channel. */
  position: number;
  /** As in the file. */
  label: string;
  /** The label, with '#2' on a repeated one; unique within the recording and the key of a lab profile. */
  name: string;
  kind: ChannelKind;
  electrode: string | null;
  /** 'REF' (unnamed), 'AVG', 'A1', 'A1+A2', 'Cz', …; null when the label says nothing. */
  reference: string | null;
  /** First minus second site, when the channel is a difference of two. */
  bipolar: readonly [string, string] | null;
  unit: string;
  /** Multiply by this to get µV. */
  toMicrovolt: number;
  sign: 1;
  sfreqHz: number;
  confidence: Confidence;
  /** The steps as one line. */
  reason: string;
  /** Plain words, in the order they were taken. */
  steps: readonly string[];
  question: ChannelQuestion | null;
}

/** 'Fp1', or 'Fp1-F7' for a difference; null when the channel carries no settled site. */
export function siteOf(entry: Pick<ChannelMapEntry, 'kind' | 'electrode' | 'bipolar'>): string | null {
  if (entry.kind !== 'eeg') return null;
  return entry.electrode ?? entry.bipolar?.join('-') ?? null;
}

/** A copy with one more step; the reason follows. */
export function withStep(
  entry: ChannelMapEntry,
  step: string,
  change: Partial<ChannelMapEntry> = {},
): ChannelMapEntry {
  const steps = [...entry.steps, step];
  return { ...entry, ...change, steps, reason: steps.join('; ') };
}
