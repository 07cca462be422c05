/** Against what a recording was made, as far as its labels tell. */
import type { ChannelMapEntry } from './channel-map-entry.ts';
import { schemaSite } from './channel-schema.ts';

export interface RecordingReference {
  kind: 'common' | 'linked' | 'average' | 'contralateral' | 'bipolar' | 'mixed' | 'unnamed' | 'none';
  /** Canonical names of the references in use, '' for labels that name none. */
  references: readonly string[];
  /** One line for a person. */
  text: string;
}

/** Reads the reference off all channels that carry a scalp site. */
export function recordingReference(entries: readonly ChannelMapEntry[]): RecordingReference {
  const eeg = entries.filter((entry) => schemaSite(entry) !== null);
  const pairs = eeg.filter(({ bipolar }) => bipolar !== null);
  const single = eeg.filter(({ bipolar }) => bipolar === null);
  const references = [...new Set(single.map(({ reference }) => reference ?? ''))].sort();
  const answer = (kind: RecordingReference['kind'], text: string): RecordingReference => ({
    kind,
    references,
    text,
  });
  if (eeg.length === 0) return answer('none', 'No channel carries a site yet.');
  if (single.length === 0) {
    const [first] = pairs[0]!.bipolar!;
    return answer(
      'bipolar',
      `Bipolar: every channel is a difference of two sites (${first}-${pairs[0]!.bipolar![1]}).`,
    );
  }
  if (pairs.length > 0)
    return answer('mixed', `${single.length} channels against a reference, ${pairs.length} bipolar.`);
  const [only = ''] = references;
  if (references.length > 1) {
    const sides = references.every((reference) => /^[AM][12]$/.test(reference));
    return sides
      ? answer('contralateral', `Ears or mastoids, per channel: ${references.join(', ')}.`)
      : answer('mixed', `Several references: ${references.map((name) => name || 'unnamed').join(', ')}.`);
  }
  if (only === '' || only === 'REF')
    return answer('unnamed', 'One common reference, which the labels do not name.');
  if (only === 'AVG') return answer('average', 'Average reference.');
  if (only.includes('+')) return answer('linked', only === 'A1+A2' ? 'Linked ears.' : 'Linked mastoids.');
  return answer('common', `Common reference ${only}.`);
}
