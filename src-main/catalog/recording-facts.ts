/** What a list says of each recording, counted by the database: a handful of statements for thousands of recordings. */
import type Database from 'better-sqlite3';
import type { Finding } from '#shared/eeg/recording.ts';

export interface RecordingFacts {
  /** Signals, without those of annotations. */
  signals: number;
  /** Of the signals, highest first. */
  sfreqHz: number[];
  /** Channels with a site or a pair of sites. */
  mapped: number;
  questions: number;
  /** Sites of EEG channels that are no pair, in the order of the file. */
  sites: string[];
  spans: number;
  findings: Finding[];
  /** Label to number of spans, from the source that counts. */
  labels: Record<string, number>;
}

/** @param only one recording; all without it */
export function recordingFacts(database: Database.Database, only?: string): Map<string, RecordingFacts> {
  const facts = new Map<string, RecordingFacts>();
  const of = (recording: string): RecordingFacts => {
    const known = facts.get(recording);
    if (known) return known;
    const none: RecordingFacts = {
      signals: 0,
      sfreqHz: [],
      mapped: 0,
      questions: 0,
      sites: [],
      spans: 0,
      findings: [],
      labels: {},
    };
    facts.set(recording, none);
    return none;
  };
  const rows = <Row>(what: string, from: string, rest: string): (Row & { recording: string })[] => {
    const where = only === undefined ? 'WHERE true' : 'WHERE recording = @only';
    return database
      .prepare<[{ only?: string }], Row & { recording: string }>(
        `SELECT recording, ${what} FROM ${from} ${where} ${rest}`,
      )
      .all(only === undefined ? {} : { only });
  };
  for (const row of rows<{ sfreqHz: number; count: number }>(
    'sfreq_hz AS sfreqHz, count(*) AS count',
    'channel',
    "AND kind <> 'annotations' GROUP BY recording, sfreq_hz ORDER BY sfreq_hz DESC",
  )) {
    of(row.recording).signals += row.count;
    of(row.recording).sfreqHz.push(row.sfreqHz);
  }
  const pair = '(bipolar_a IS NOT NULL AND bipolar_b IS NOT NULL)';
  for (const { recording, mapped, questions } of rows<{ mapped: number; questions: number }>(
    `sum(electrode IS NOT NULL OR ${pair}) AS mapped, sum(confidence = 'ask') AS questions`,
    'channel_map',
    'GROUP BY recording',
  ))
    Object.assign(of(recording), { mapped, questions });
  for (const { recording, site } of rows<{ site: string }>(
    'electrode AS site',
    'channel_map',
    `AND kind = 'eeg' AND electrode IS NOT NULL AND NOT ${pair} ORDER BY recording, position`,
  ))
    of(recording).sites.push(site);
  for (const { recording, spans } of rows<{ spans: number }>(
    'count(*) AS spans',
    'span',
    'GROUP BY recording',
  ))
    of(recording).spans = spans;
  for (const { recording, ...finding } of rows<Finding>(
    'code, severity, place AS "where", effect, remedy',
    'finding',
    'ORDER BY recording, position',
  ))
    of(recording).findings.push(finding);
  countLabels(rows('source, label, count(*) AS count', 'label', 'GROUP BY recording, source, label'), of);
  return facts;
}

/** A label table outranks events, events outrank annotations. */
const sources = ['table', 'events', 'annotation'];

function countLabels(
  rows: readonly { recording: string; source: string; label: string; count: number }[],
  of: (recording: string) => RecordingFacts,
): void {
  for (const [recording, own] of Map.groupBy(rows, (row) => row.recording)) {
    const source = sources.find((name) => own.some((row) => row.source === name));
    of(recording).labels = Object.fromEntries(
      own.filter((row) => row.source === source).map(({ label, count }) => [label, count]),
    );
  }
}
