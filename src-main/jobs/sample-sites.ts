/** The three sites of the sample study: a ward's full cap, a film-clip lab, a headset pilot. */
import type { SampleParams } from '#shared/params/sample.ts';
import type { Random } from '#shared/random.ts';

export interface SampleSite {
  name: string;
  letter: string;
  sfreqHz: number;
  electrodes: readonly string[];
  /** How this site writes a channel's name. */
  label: (electrode: string) => string;
  subjects: number;
  seconds: number;
  /** Labelled stretches; 0 for a site without labels. */
  trials: number;
  trialS: number;
  /** Subject whose recording was interrupted. */
  gapSubject: number;
  damage: { subject: number; kind: 'record-count' | 'cut' } | null;
}

export interface Trial {
  startS: number;
  endS: number;
  label: string;
}

const words = (text: string): string[] => text.split(' ');

/** The 62 sites of the SEED data sets, the 32 of DEAP, the 14 of DREAMER: one contains the next. */
const cap62 = words(
  'Fp1 Fpz Fp2 AF3 AF4 F7 F5 F3 F1 Fz F2 F4 F6 F8 FT7 FC5 FC3 FC1 FCz FC2 FC4 FC6 FT8 T7 C5 C3 C1 Cz C2 C4 C6 T8 TP7 CP5 CP3 CP1 CPz CP2 CP4 CP6 TP8 P7 P5 P3 P1 Pz P2 P4 P6 P8 PO7 PO5 PO3 POz PO4 PO6 PO8 O1 Oz O2 PO9 PO10',
);
const cap32 = words(
  'Fp1 AF3 F3 F7 FC5 FC1 C3 T7 CP5 CP1 P3 P7 PO3 O1 Oz Pz Fp2 AF4 Fz F4 F8 FC6 FC2 Cz C4 T8 CP6 CP2 P4 P8 PO4 O2',
);
const headset14 = words('AF3 F7 F3 FC5 T7 P7 O1 O2 P8 T8 FC6 F4 F8 AF4');

/** Names that were replaced long ago and are written by this ward to this day. */
const older: Record<string, string> = { T7: 'T3', T8: 'T4', P7: 'T5', P8: 'T6' };

export const sampleLabels = ['calm', 'joy'] as const;

export function sampleSites(size: SampleParams['size']): SampleSite[] {
  const tiny = size === 'tiny';
  return [
    {
      name: 'Ward routine',
      letter: 'W',
      sfreqHz: 200,
      electrodes: cap62,
      label: (electrode) => `EEG ${(older[electrode] ?? electrode).toUpperCase()}-REF`,
      subjects: tiny ? 2 : 4,
      seconds: tiny ? 60 : 240,
      trials: 0,
      trialS: 0,
      gapSubject: 1,
      damage: { subject: 0, kind: 'record-count' },
    },
    {
      name: 'Film clips',
      letter: 'F',
      sfreqHz: 128,
      electrodes: cap32,
      label: (electrode) => electrode,
      subjects: tiny ? 3 : 6,
      seconds: tiny ? 120 : 240,
      trials: tiny ? 6 : 12,
      trialS: 12,
      gapSubject: -1,
      damage: { subject: 2, kind: 'cut' },
    },
    {
      name: 'Headset pilot',
      letter: 'H',
      sfreqHz: 128,
      electrodes: headset14,
      label: (electrode) => `EEG.${electrode}`,
      subjects: tiny ? 3 : 6,
      seconds: tiny ? 120 : 240,
      trials: tiny ? 6 : 12,
      trialS: 12,
      gapSubject: -1,
      damage: null,
    },
  ];
}

/** Trials evenly spread, as many of each label, in random order; what lies between is unlabelled. */
export function planTrials(site: SampleSite, random: Random): Trial[] {
  const slotS = site.trials > 0 ? Math.floor(site.seconds / site.trials) : 0;
  const order = random.permutation(site.trials);
  return Array.from({ length: site.trials }, (_, trial) => {
    const startS = trial * slotS + 2;
    return {
      startS,
      endS: Math.min(startS + site.trialS, (trial + 1) * slotS),
      label: sampleLabels[order[trial]! % sampleLabels.length]!,
    };
  });
}
