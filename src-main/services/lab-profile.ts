/** The lab profile as stored: the newest version of what people answered about channel names. */
import { labProfile, type LabProfile } from '#shared/eeg/channel-map.ts';
import type { Catalog } from '#main/catalog/catalog.ts';

export function currentProfile(catalog: Catalog): { profile: LabProfile | undefined; version: number } {
  const row = catalog.profiles.newest();
  return { profile: row && labProfile.parse(JSON.parse(row.json)), version: row?.version ?? 0 };
}
