/** What a repaired copy changes, and which findings about a file it puts right. */

/** One change between source and copy. */
export interface Mend {
  code: string;
  /** First and last byte that differ, in the source's counting. */
  bytes: [number, number];
  before: string;
  after: string;
}

/** Findings of EDF and BDF files that a mended copy no longer shows, each with the codes of the changes that see to it. */
export const mendsOf: Readonly<Record<string, readonly string[]>> = {
  'version-odd': ['version-odd'],
  'header-size-wrong': ['header-size-wrong', 'header-padding'],
  'record-count-missing': ['record-count-wrong'],
  'record-count-too-large': ['record-count-wrong'],
  'record-count-too-small': ['record-count-wrong'],
  'truncated-record': ['bytes-after-last-record'],
  'trailing-bytes': ['bytes-after-last-record'],
  'time-runs-backwards': ['record-count-wrong', 'bytes-after-last-record'],
  'decimal-comma': ['decimal-comma'],
  'gaps-in-continuous-file': ['gaps-in-continuous-file'],
  'annotation-signal-missing': ['annotation-signal-missing'],
};

/** Whether a copy can put this right. @param format as in the recording's header: 'EDF+C', 'BDF', 'CSV (Emotiv)' */
export function isMendable(code: string, format: string): boolean {
  return /^[EB]DF/.test(format) && code in mendsOf;
}
