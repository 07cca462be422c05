/** Channels for tests: a label and, where it matters, what differs from an ordinary EEG channel. */
import type { Channel } from '#shared/eeg/recording.ts';

export function channel(label: string, change: Partial<Channel> = {}): Channel {
  return {
    label,
    kind: 'unknown',
    unit: 'uV',
    toMicrovolt: 1,
    sfreqHz: 256,
    samples: 2560,
    prefilter: '',
    transducer: '',
    physicalMin: -3200,
    physicalMax: 3200,
    digitalMin: -32768,
    digitalMax: 32767,
    ...change,
  };
}

/** 'Fp1 F7 Cz' as channels. */
export const channels = (labels: string): Channel[] => labels.split(' ').map((label) => channel(label));
