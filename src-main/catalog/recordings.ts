/** Recordings, their channels and what the channels mean. */
import type Database from 'better-sqlite3';
import type { ChannelMapEntry } from '#shared/eeg/channel-map.ts';
import type { ImportedRecording } from '#shared/eeg/imported.ts';
import type { Annotation, Channel, Finding, Span } from '#shared/eeg/recording.ts';
import { recordingFacts, type RecordingFacts } from './recording-facts.ts';

/** One recording as the catalog knows it, without its lists. */
export interface CatalogedRecording {
  id: string;
  path: string;
  relativePath: string;
  dataset: string;
  subject: string;
  sha256: string;
  format: string;
  bytes: number;
  modifiedMs: number;
  startedAt: string | null;
  durationS: number;
  reference: string;
  prefilter: string;
  refusal: string | null;
  duplicateOf: string | null;
}

const columns = `id, path, relative_path AS relativePath, dataset, subject, sha256, format, bytes, modified_ms AS modifiedMs,
  started_at AS startedAt, duration_s AS durationS, reference, prefilter, refusal, duplicate_of AS duplicateOf`;

export class RecordingTable {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  /** Adds or replaces a recording with all that was read from its file. A later file with the same content is marked as its copy. */
  put(recording: ImportedRecording): void {
    const { header } = recording;
    const before = this.get(recording.id);
    const original = this.#database
      .prepare<[string, string], { id: string }>(
        'SELECT id FROM recording WHERE sha256 = ? AND id <> ? AND duplicate_of IS NULL ORDER BY dataset, relative_path LIMIT 1',
      )
      .get(recording.sha256, recording.id);
    this.#database
      .prepare(
        'INSERT OR IGNORE INTO dataset (name, position) VALUES (?, (SELECT coalesce(max(position), 0) + 1 FROM dataset))',
      )
      .run(recording.dataset);
    this.#database
      .prepare(
        `INSERT INTO recording (id, path, relative_path, dataset, subject, sha256, format, bytes, modified_ms, started_at, duration_s,
           reference, prefilter, refusal, duplicate_of)
         VALUES (@id, @path, @relativePath, @dataset, @subject, @sha256, @format, @bytes, @modifiedMs, @startedAt, @durationS,
           @reference, @prefilter, @refusal, @duplicateOf)
         ON CONFLICT (id) DO UPDATE SET path = @path, dataset = @dataset, subject = @subject, modified_ms = @modifiedMs,
           refusal = @refusal, duration_s = @durationS, reference = @reference, sha256 = @sha256, format = @format,
           bytes = @bytes, started_at = @startedAt, prefilter = @prefilter,
           duplicate_of = CASE sha256 WHEN @sha256 THEN duplicate_of ELSE @duplicateOf END`,
      )
      .run({
        id: recording.id,
        path: recording.path,
        relativePath: recording.relativePath,
        dataset: recording.dataset,
        subject: recording.subject,
        sha256: recording.sha256,
        bytes: recording.bytes,
        modifiedMs: Math.round(recording.modifiedMs),
        format: header?.format ?? '',
        startedAt: header?.startedAt ?? null,
        durationS: header?.durationS ?? 0,
        reference: recording.reference,
        prefilter: header?.channels.find((channel) => channel.kind === 'eeg')?.prefilter ?? '',
        refusal: recording.refusal,
        duplicateOf: original?.id ?? null,
      });
    if (before && before.sha256 !== recording.sha256) this.#releaseCopies(recording.id);
    for (const table of ['span', 'channel', 'finding', 'annotation']) {
      this.#database.prepare(`DELETE FROM ${table} WHERE recording = ?`).run(recording.id);
    }
    this.#insertSpans(recording.id, header?.spans ?? []);
    this.#insertChannels(recording.id, header?.channels ?? []);
    this.#insertFindings(recording.id, recording.findings);
    this.#insertAnnotations(recording.id, recording.annotations);
  }

  get(id: string): CatalogedRecording | undefined {
    return this.#database
      .prepare<[string], CatalogedRecording>(`SELECT ${columns} FROM recording WHERE id = ?`)
      .get(id);
  }

  byPath(path: string): CatalogedRecording | undefined {
    return this.#database
      .prepare<[string], CatalogedRecording>(`SELECT ${columns} FROM recording WHERE path = ?`)
      .get(path);
  }

  /** By data set in order of import, then subject and path. */
  list(): CatalogedRecording[] {
    return this.#database
      .prepare<[], CatalogedRecording>(
        `SELECT ${columns} FROM recording JOIN dataset ON dataset.name = recording.dataset
         ORDER BY dataset.position, subject, relative_path`,
      )
      .all();
  }

  /** What a list says of every recording; one that nothing is known of is left out. */
  facts(): Map<string, RecordingFacts> {
    return recordingFacts(this.#database);
  }

  factsOf(id: string): RecordingFacts | undefined {
    return recordingFacts(this.#database, id).get(id);
  }

  /** Channel labels with a question still open, in recordings that are used. */
  openQuestions(): number {
    return this.#database
      .prepare<[], { count: number }>(
        `SELECT count(DISTINCT channel.label) AS count FROM channel_map
         JOIN channel USING (recording, position) JOIN recording ON recording.id = channel_map.recording
         WHERE confidence = 'ask' AND refusal IS NULL AND duplicate_of IS NULL`,
      )
      .get()!.count;
  }

  datasets(): string[] {
    return this.#database
      .prepare<[], { name: string }>('SELECT name FROM dataset ORDER BY position')
      .all()
      .map((row) => row.name);
  }

  setSubject(id: string, subject: string): void {
    this.#database.prepare('UPDATE recording SET subject = ? WHERE id = ?').run(subject, id);
  }

  /** Counts a recording as the copy of another. */
  setDuplicate(id: string, original: string): void {
    this.#database
      .prepare('UPDATE recording SET duplicate_of = ? WHERE id = ? AND id <> ?')
      .run(original, id, original);
  }

  channels(recording: string): Channel[] {
    return this.#database
      .prepare<[string], Channel>(
        `SELECT label, kind, unit, to_microvolt AS toMicrovolt, sfreq_hz AS sfreqHz, samples, prefilter, transducer,
           physical_min AS physicalMin, physical_max AS physicalMax, digital_min AS digitalMin, digital_max AS digitalMax, disabled
         FROM channel WHERE recording = ? ORDER BY position`,
      )
      .all(recording)
      .map(({ disabled, ...channel }) =>
        disabled === null || disabled === undefined ? channel : { ...channel, disabled },
      );
  }

  spans(recording: string): Span[] {
    return this.#database
      .prepare<[string], Span>(
        'SELECT start_s AS startS, end_s AS endS FROM span WHERE recording = ? ORDER BY position',
      )
      .all(recording);
  }

  findings(recording: string): Finding[] {
    return this.#database
      .prepare<[string], Finding>(
        'SELECT code, severity, place AS "where", effect, remedy FROM finding WHERE recording = ? ORDER BY position',
      )
      .all(recording);
  }

  annotations(recording: string): Annotation[] {
    return this.#database
      .prepare<[string], Annotation & { channel: string | null }>(
        'SELECT onset_s AS onsetS, duration_s AS durationS, text, channel FROM annotation WHERE recording = ? ORDER BY position',
      )
      .all(recording)
      .map(({ channel, ...annotation }) => (channel === null ? annotation : { ...annotation, channel }));
  }

  setMap(recording: string, profile: number, entries: readonly ChannelMapEntry[]): void {
    this.#database.prepare('DELETE FROM channel_map WHERE recording = ?').run(recording);
    const insert = this.#database.prepare(
      `INSERT INTO channel_map (recording, position, profile, kind, electrode, reference, bipolar_a, bipolar_b, to_microvolt, confidence, reason)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    for (const entry of entries) {
      insert.run(
        recording,
        entry.position,
        profile,
        entry.kind,
        entry.electrode,
        entry.reference,
        entry.bipolar?.[0] ?? null,
        entry.bipolar?.[1] ?? null,
        entry.toMicrovolt,
        entry.confidence,
        entry.reason,
      );
    }
  }

  map(recording: string): StoredMapEntry[] {
    return this.#database
      .prepare<[string], Omit<StoredMapEntry, 'bipolar'> & { a: string | null; b: string | null }>(
        `SELECT position, kind, electrode, reference, bipolar_a AS a, bipolar_b AS b, to_microvolt AS toMicrovolt, confidence, reason
         FROM channel_map WHERE recording = ? ORDER BY position`,
      )
      .all(recording)
      .map(({ a, b, ...entry }) => ({ ...entry, bipolar: a !== null && b !== null ? [a, b] : null }));
  }

  /** What was a copy of content that is gone stands for itself again; of equal ones the first for the others. */
  #releaseCopies(id: string): void {
    const copies = this.#database
      .prepare<[string], { id: string; sha256: string }>(
        'SELECT id, sha256 FROM recording WHERE duplicate_of = ? ORDER BY dataset, relative_path',
      )
      .all(id);
    const set = this.#database.prepare('UPDATE recording SET duplicate_of = ? WHERE id = ?');
    for (const [first, ...others] of Map.groupBy(copies, ({ sha256 }) => sha256).values()) {
      set.run(null, first!.id);
      for (const other of others) set.run(first!.id, other.id);
    }
  }

  #insertSpans(recording: string, spans: readonly Span[]): void {
    const insert = this.#database.prepare(
      'INSERT INTO span (recording, position, start_s, end_s) VALUES (?, ?, ?, ?)',
    );
    for (const [position, span] of spans.entries()) insert.run(recording, position, span.startS, span.endS);
  }

  #insertChannels(recording: string, channels: readonly Channel[]): void {
    const insert = this.#database.prepare(
      `INSERT INTO channel (recording, position, label, kind, unit, to_microvolt, sfreq_hz, samples, prefilter, transducer,
         physical_min, physical_max, digital_min, digital_max, disabled)
       VALUES (@recording, @position, @label, @kind, @unit, @toMicrovolt, @sfreqHz, @samples, @prefilter, @transducer,
         @physicalMin, @physicalMax, @digitalMin, @digitalMax, @disabled)`,
    );
    for (const [position, channel] of channels.entries()) {
      insert.run({
        ...channel,
        recording,
        position,
        disabled: channel.disabled ?? null,
        // a header field that was no number reads as NaN, which a STRICT column refuses
        physicalMin: finite(channel.physicalMin),
        physicalMax: finite(channel.physicalMax),
        digitalMin: finite(channel.digitalMin),
        digitalMax: finite(channel.digitalMax),
      });
    }
  }

  #insertFindings(recording: string, findings: readonly Finding[]): void {
    const insert = this.#database.prepare(
      'INSERT INTO finding (recording, position, code, severity, place, effect, remedy) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    for (const [position, { code, severity, where, effect, remedy }] of findings.entries()) {
      insert.run(recording, position, code, severity, where, effect, remedy);
    }
  }

  #insertAnnotations(recording: string, annotations: readonly Annotation[]): void {
    const insert = this.#database.prepare(
      'INSERT INTO annotation (recording, position, onset_s, duration_s, text, channel) VALUES (?, ?, ?, ?, ?, ?)',
    );
    for (const [position, { onsetS, durationS, text, channel }] of annotations.entries()) {
      insert.run(recording, position, onsetS, durationS, text, channel ?? null);
    }
  }
}

/** What a channel means, as stored. */
export type StoredMapEntry = Pick<
  ChannelMapEntry,
  'position' | 'kind' | 'electrode' | 'reference' | 'bipolar' | 'toMicrovolt' | 'confidence' | 'reason'
>;

const finite = (value: number) => (Number.isFinite(value) ? value : 0);
