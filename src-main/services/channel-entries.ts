/** The channel map of a recording in full, with the lab's answers applied. */
import { suggestChannelMap, type ChannelMapEntry } from '#shared/eeg/channel-map.ts';
import type { Catalog } from '#main/catalog/catalog.ts';
import { currentProfile } from './lab-profile.ts';

export function entriesOf(catalog: Catalog, recording: string): ChannelMapEntry[] {
  const { profile } = currentProfile(catalog);
  return suggestChannelMap(catalog.recordings.channels(recording), profile ? { profile } : {});
}
