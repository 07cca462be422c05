/** Takes the person out of what an exported recording says about itself: header fields, dates, annotation texts, names. */
import type { Annotation, RecordingHeader } from '#shared/eeg/recording.ts';
import { addSeconds, edfLongDate, formatClock, parseClock } from './edf/fields.ts';

export interface DeidentifyOptions {
  /** What the person is called from now on; '' for no name at all. */
  pseudonym: string;
  /**
   * Days added to every date of this subject, so that intervals between recordings stay true; null replaces the date by
   * 1985-01-01T00:00:00, as EDF recommends for anonymous files.
   */
  shiftDays: number | null;
  /** Sex from the EDF+ patient field survives when true. */
  keepSex: boolean;
  /** Identifying words to be erased from texts, beside those found in the header itself: names, numbers, file stems. */
  words: readonly string[];
  /** Texts that are kept as they are, e.g. the labels of a study. */
  keepTexts: ReadonlySet<string>;
}

/** What is written into an EDF or BDF header instead of the original. */
export interface DeidentifiedHeader {
  patient: string;
  recordingInfo: string;
  startedAt: string | null;
}

/** Per field what happened, for the report of an export. */
export interface Erasure {
  field: string;
  action: 'removed' | 'replaced' | 'kept';
}

/** EDF fields of a de-identified copy. Transducer and prefilter texts are treated by {@link scrubText}. */
export function deidentifyHeader(
  header: Pick<RecordingHeader, 'patient' | 'recordingInfo' | 'startedAt'>,
  options: DeidentifyOptions,
): { header: DeidentifiedHeader; erasures: Erasure[] } {
  const sex = options.keepSex ? plusSex(header.patient) : 'X';
  const startedAt =
    options.shiftDays === null || header.startedAt === null
      ? null
      : shiftDate(header.startedAt, options.shiftDays);
  const code = options.pseudonym.replace(/\s+/g, '_') || 'X';
  return {
    header: {
      patient: `${code} ${sex} X X`,
      recordingInfo: `Startdate ${startedAt === null ? 'X' : edfLongDate(parseClock(startedAt))} X X X`,
      startedAt,
    },
    erasures: [
      { field: 'patient', action: 'replaced' },
      { field: 'recording', action: 'replaced' },
      { field: 'start date', action: startedAt === null ? 'removed' : 'replaced' },
      { field: 'sex', action: sex === 'X' ? 'removed' : 'kept' },
    ],
  };
}

/** Moves a local clock by whole days; the time of day stays. @throws AppError 'invalid-input' */
export function shiftDate(startedAt: string, days: number): string {
  return formatClock(addSeconds(parseClock(startedAt), days * 86_400));
}

/**
 * A constant shift for one subject, never zero, that keeps the years within 1985–2084 that EDF can hold.
 *
 * @param starts all known starts of this subject's recordings
 * @param chance a number in [0, 1), from a generator seeded with a secret
 */
export function subjectShift(starts: readonly string[], chance: number): number {
  const days = starts.map((start) => dayNumber(start));
  const first = Math.min(...days, dayNumber('2084-01-01T00:00:00'));
  const last = Math.max(...days, first);
  // the whole of a subject's recordings lands between 1986 and 2000
  const earliest = dayNumber('1986-01-01T00:00:00');
  const room = Math.max(1, dayNumber('2000-01-01T00:00:00') - earliest - (last - first));
  const shift = earliest + Math.floor(chance * room) - first;
  return shift === 0 ? 1 : shift;
}

function dayNumber(startedAt: string): number {
  const { year, month, day } = parseClock(startedAt);
  return Math.round(Date.UTC(year, month - 1, day) / 86_400_000);
}

/**
 * Words of a header that could name somebody: parts of the patient and recording fields that are no placeholders, no common words
 * and no plain small numbers. Dates are found by their own pattern in {@link scrubText}.
 */
export function identifyingWords(header: Pick<RecordingHeader, 'patient' | 'recordingInfo'>): string[] {
  const harmless = new Set([
    'startdate',
    'x',
    'm',
    'f',
    'male',
    'female',
    'the',
    'and',
    'eeg',
    'edf',
    'edf+c',
    'edf+d',
  ]);
  const parts = `${header.patient} ${header.recordingInfo}`.split(/[\s_,;:/\\()^]+/);
  return [...new Set(parts)].filter(
    (part) => part.length >= 2 && !harmless.has(part.toLowerCase()) && !/^\d{1,2}$/.test(part),
  );
}

const dates = [
  /\b\d{1,2}[-./](?:\d{1,2}|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|okt|dez)[a-z]*[-./]\d{2,4}\b/giu,
  /\b\d{4}[-./]\d{1,2}[-./]\d{1,2}\b/gu,
];
/** Phone and record numbers; a marker code of four digits or less stays. */
const longNumber = /\b\d{5,}\b/gu;
const mail = /\b[\w.+-]+@[\w-]+\.[\w.]+\b/gu;

/**
 * Erases dates, mail addresses, long numbers and given words from a text.
 *
 * @returns the text with '…' where something stood; unchanged when nothing was found
 */
export function scrubText(text: string, words: readonly string[]): string {
  let clean = text;
  for (const pattern of [mail, ...dates, longNumber]) clean = clean.replace(pattern, '…');
  for (const word of words.toSorted((a, b) => b.length - a.length)) {
    if (word.length < 2) continue;
    const literal = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    clean = clean.replace(new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, 'giu'), '…');
  }
  return clean;
}

/**
 * Annotations for a de-identified copy. Free text cannot be proven harmless, so only texts that are known labels, standard EDF+ texts or
 * short codes are kept; any other becomes 'note', in its place and with its duration.
 *
 * @returns the annotations and how many texts were replaced
 */
export function scrubAnnotations(
  annotations: readonly Annotation[],
  options: Pick<DeidentifyOptions, 'words' | 'keepTexts'>,
): { annotations: Annotation[]; replaced: number } {
  let replaced = 0;
  const clean = annotations.map((annotation) => {
    if (options.keepTexts.has(annotation.text)) return annotation;
    const harmless =
      standardText.test(annotation.text) && scrubText(annotation.text, options.words) === annotation.text;
    if (harmless) return annotation;
    replaced++;
    return { ...annotation, text: 'note' };
  });
  return { annotations: clean, replaced };
}

/** EDF+ standard texts, task codes such as 'T1' or '#254', and single lower-case event words of common recorders. */
const standardText =
  /^(?:[A-Z]{0,2}#?\d{1,4}|#?\d{1,4}|Sleep stage [WRN?1-4]\d?|Movement time|Recording (?:starts|ends)|Lights (?:on|off)|Eyes (?:open|closed)|eyes (?:open|closed)|EC|EO|Limb movement|Obstructive apnea|Central apnea|Hypopnea|Arousal|EEG arousal|seizure|Seizure|spike|Spike|photic|hyperventilation|HV|Marker\d* \d{1,4}|[Mm]ov(?:ement)?|[Bb]link|[Aa]rtifact)$/;

function plusSex(patient: string): 'F' | 'M' | 'X' {
  const sex = patient.split(' ')[1];
  return sex === 'F' || sex === 'M' ? sex : 'X';
}
