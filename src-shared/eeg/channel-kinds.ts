/** What a channel that is no scalp site carries, told from the whole words of its label. */
import type { ChannelKind } from './recording.ts';

export interface KindGuess {
  kind: ChannelKind;
  certainty: 'certain' | 'likely';
  /** Plain words. */
  reason: string;
}

/** Judges a cleaned label by whole words, never by letters inside one: 'EKG1' and 'ECG II' are hearts, 'FECGO' is not. */
export function kindByLabel(label: string): KindGuess | null {
  const upper = label.toUpperCase();
  const words = upper.split(/[^A-Z0-9]+/).filter(Boolean);
  const whole = words.join('');
  const stems = words.map((word) => word.replace(/^\d+|\d+$/g, '')).filter(Boolean);
  for (const rule of rules) {
    const hit =
      (rule.whole?.test(whole) && label) ||
      rule.phrases?.find((phrase) => ` ${words.join(' ')} `.includes(` ${phrase} `)) ||
      stems.find((stem) => rule.words.has(stem));
    if (hit) return { kind: rule.kind, certainty: rule.certainty ?? 'certain', reason: rule.reason };
  }
  return null;
}

interface Rule {
  kind: ChannelKind;
  certainty?: 'likely';
  reason: string;
  /** Words without leading or trailing digits. */
  words: ReadonlySet<string>;
  phrases?: readonly string[];
  /** Against the label without separators. */
  whole?: RegExp;
}

const set = (text = ''): ReadonlySet<string> => new Set(text.split(' ').filter(Boolean));

/** In order: the first rule that knows a word wins. */
const rules: Rule[] = [
  {
    kind: 'aux',
    reason: 'contact quality, not a signal',
    words: set('IMPEDANCE CONTACTQUALITY RAWCQ'),
    phrases: ['CQ', 'EQ'],
  },
  {
    kind: 'aux',
    reason: 'a value computed by the device, not a signal',
    words: set('DELTA THETA ALPHA BETA GAMMA MELLOW CONCENTRATION IBI BURSTS SUPPR BIS SQI'),
    phrases: ['POW', 'PM', 'FE'],
  },
  {
    kind: 'aux',
    reason: 'a counter, clock or state of the device',
    words: set(
      'COUNTER TIMESTAMP TIMESTAMPS ORIGINALTIMESTAMP TIME TICK INTERPOLATED BATTERY HIGHBITFLEX SATURATIONFLAG HSI HEADBANDON ELEMENTS UNUSED LSL PACKET',
    ),
    phrases: ['SAMPLE INDEX', 'NOT USED'],
  },
  { kind: 'annotations', reason: 'annotations by name', words: set('ANNOTATIONS ANNOTATION') },
  {
    kind: 'trigger',
    reason: 'trigger or marks by name',
    words: set(
      'TRIG TRIGGER DTRIG STI STIM STATUS MKR MARK MARKER MARKERS EVENT EVENTS MARKERINDEX MARKERTYPE MARKERVALUEINT MARKERHARDWARE HARDWAREMARKER PHOTIC PHOTO FLASH DIN DIGITAL TTL',
    ),
  },
  {
    kind: 'acc',
    reason: 'movement sensor by name',
    words: set(
      'ACC ACCEL ACCELEROMETER ACCX ACCY ACCZ GYRO GYROX GYROY GYROZ MAG MAGX MAGY MAGZ IMU ACTIGRAPHY MOTION',
    ),
    phrases: ['MOT'],
  },
  {
    kind: 'ecg',
    reason: 'heart by name',
    words: set('EKG ECG EKGL EKGR ECGL ECGR ECGI ECGII ECGIII ECGV CARDIO'),
  },
  {
    kind: 'eog',
    reason: 'eye channel by name',
    words: set(
      'EOG LOC ROC HEO VEO HEOG VEOG HEOGL HEOGR VEOGU VEOGL LEOG REOG IEOG EOGL EOGR EOGH EOGV HEOL HEOR VEOU VEOL LHEOG RHEOG',
    ),
  },
  {
    kind: 'eog',
    certainty: 'likely',
    reason: 'canthus of the eye by name',
    words: set('LUC RUC LLC RLC LIO RIO LSO RSO'),
  },
  {
    kind: 'emg',
    reason: 'muscle by name',
    words: set(
      'EMG CHIN TIB TIBIALIS SUBMENTAL MENTALIS MASSETER DELTOID DELT LEG LLEG RLEG LEGL LEGR LCHIN RCHIN CHINL CHINR',
    ),
  },
  {
    kind: 'resp',
    reason: 'breathing or oxygen by name',
    words: set(
      'RESP RESPIRATION THOR THORAX THORACIC ABD ABDO ABDOMEN ABDOMINAL CHEST FLOW AIRFLOW NASAL NASALPRESSURE CANNULA THERMISTOR SNORE CPAP ETCO TCCO EFFORT ORONASAL',
    ),
    phrases: ['SAO2', 'SPO2', 'CO2', 'OSAT', 'RIP'],
  },
  {
    kind: 'aux',
    reason: 'pulse, temperature, position or light by name',
    words: set('PLETH PLET PPG PULSE TEMP TEMPERATURE POSITION BODY LIGHT GSR EDA SCR LUX HEARTRATE'),
  },
  {
    kind: 'aux',
    reason: 'reference or ground of the amplifier',
    words: set('REF GND GROUND REREF CMS DRL BIAS REFERENCE'),
  },
  { kind: 'aux', reason: 'vagus nerve stimulator', words: set('VNS') },
  {
    kind: 'aux',
    certainty: 'likely',
    reason: 'balanced reference beside the head',
    words: set(),
    phrases: ['BN1', 'BN2'],
  },
  {
    kind: 'aux',
    certainty: 'likely',
    reason: 'earth or reference input of the amplifier',
    words: set(),
    whole: /^[EZ]$/,
  },
  {
    kind: 'emg',
    certainty: 'likely',
    reason: 'leg muscle by name',
    words: set(),
    whole: /^(LAT|RAT)$/,
  },
  {
    kind: 'aux',
    certainty: 'likely',
    reason: 'external input of the amplifier; say what was attached if it matters',
    words: set('EXG EXT AUX DC ERGO ERG MISC ANALOG BIP OPTIC ADC'),
  },
];
