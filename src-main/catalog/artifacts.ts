/** Finished artifacts and where their segments came from. */
import type Database from 'better-sqlite3';
import type { ArtifactKind, Manifest } from '#shared/artifacts.ts';

export interface SegmentProvenance {
  recording: string;
  segments: number;
  rejected: Record<string, number>;
  /** Share of bad segments in 60 equal stretches of the recording; null where nothing was judged. */
  quality: (number | null)[];
}

export class ArtifactTable {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  /** Adds an artifact, or leaves the one that is there: the same key is the same thing. */
  add(manifest: Manifest, provenance: readonly SegmentProvenance[] = []): void {
    const { changes } = this.#database
      .prepare(
        'INSERT OR IGNORE INTO artifact (id, kind, hash, key, created_at, manifest) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(
        manifest.id,
        manifest.kind,
        manifest.hash,
        manifest.key,
        manifest.createdAt,
        JSON.stringify(manifest),
      );
    if (changes === 0) return;
    const input = this.#database.prepare(
      'INSERT INTO artifact_input (artifact, position, role, input, hash) VALUES (?, ?, ?, ?, ?)',
    );
    for (const [position, { role, id, hash }] of manifest.inputs.entries())
      input.run(manifest.id, position, role, id, hash);
    const origin = this.#database.prepare(
      'INSERT INTO segment_provenance (artifact, recording, segments, rejected, quality) VALUES (?, ?, ?, ?, ?)',
    );
    for (const row of provenance) {
      origin.run(
        manifest.id,
        row.recording,
        row.segments,
        JSON.stringify(row.rejected),
        JSON.stringify(row.quality),
      );
    }
  }

  get(id: string): Manifest | undefined {
    const row = this.#database
      .prepare<[string], { manifest: string }>('SELECT manifest FROM artifact WHERE id = ?')
      .get(id);
    return row && JSON.parse(row.manifest);
  }

  /** Newest first. */
  list(kind?: ArtifactKind): Manifest[] {
    return this.#database
      .prepare<[string | null, string | null], { manifest: string }>(
        'SELECT manifest FROM artifact WHERE ? IS NULL OR kind = ? ORDER BY created_at DESC, id',
      )
      .all(kind ?? null, kind ?? null)
      .map((row) => JSON.parse(row.manifest));
  }

  usersOf(id: string): Manifest[] {
    return this.#database
      .prepare<[string], { manifest: string }>(
        'SELECT DISTINCT manifest FROM artifact JOIN artifact_input ON artifact_input.artifact = artifact.id WHERE input = ? ORDER BY created_at',
      )
      .all(id)
      .map((row) => JSON.parse(row.manifest));
  }

  /** Where the newest prepared store took its segments from, by recording. */
  newestProvenance(): Map<string, SegmentProvenance> {
    const rows = this.#database
      .prepare<[], { recording: string; segments: number; rejected: string; quality: string }>(
        `SELECT recording, segments, rejected, quality FROM segment_provenance JOIN artifact ON artifact.id = artifact
         WHERE artifact = (SELECT id FROM artifact WHERE kind = 'segments' ORDER BY created_at DESC LIMIT 1)`,
      )
      .all();
    return new Map(
      rows.map((row) => [
        row.recording,
        { ...row, rejected: JSON.parse(row.rejected), quality: JSON.parse(row.quality) },
      ]),
    );
  }
}
