/** Reads prepared segments from an artifact by row, in any order, holding only the index in memory. */
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Segment, SegmentSource } from '#shared/eeg/segment.ts';
import { AppError } from '#shared/errors.ts';
import { openArtifact } from './artifact.ts';
import {
  shardPath,
  type SegmentIndexHead,
  type SegmentLine,
  type StoredRecording,
} from './segment-writer.ts';

export interface SegmentStore extends SegmentSource, AsyncDisposable {
  /** Positions among the group's electrodes that were judged bad in this segment. */
  badChannels(index: number): readonly number[];
  close(): Promise<void>;
}

/** Longest single read; neighbouring rows are fetched together up to this. */
const readBytesAtMost = 8 * 2 ** 20;
const filesOpenAtMost = 64;
const none: readonly number[] = [];

/**
 * @param artifactDir folder of a 'segments' artifact
 * @throws AppError 'not-found' | 'damaged-file' when index, groups and shards do not fit together
 */
export async function openSegmentStore(artifactDir: string): Promise<SegmentStore> {
  const artifact = await openArtifact(artifactDir);
  const { groups, recordings } = await artifact.json<SegmentIndexHead>('groups.json');
  const damaged = (what: string) =>
    new AppError(
      'damaged-file',
      `Prepared data ${artifact.manifest.id} is damaged: ${what}. Delete it and prepare again.`,
    );
  const { segments, bad } = await readIndex(
    join(artifactDir, 'segments.ndjson'),
    groups,
    recordings,
    damaged,
  );
  const total = groups.reduce((sum, group) => sum + group.count, 0);
  if (segments.length !== total)
    throw damaged(`its index has ${segments.length} lines for ${total} segments`);
  const presents = recordings.map(({ present }) => Uint8Array.from(present));
  const bytesOf = new Map(artifact.manifest.files.map(({ path, bytes }) => [path, bytes]));
  groups.forEach((group, at) => {
    const rowBytes = group.electrodes.length * group.samples * 4;
    for (let row = 0, shard = 0; row < group.count; row += group.rowsPerShard, shard++) {
      const expected = Math.min(group.rowsPerShard, group.count - row) * rowBytes;
      if (bytesOf.get(shardPath(at, shard)) !== expected)
        throw damaged(`${shardPath(at, shard)} does not hold its rows`);
    }
  });
  const recordingOf = Uint32Array.from(segments, ({ r }) => r);
  const files = createFilePool(filesOpenAtMost);

  async function readRun(groupAt: number, row: number, rows: number, into: Uint8Array): Promise<void> {
    const { rowsPerShard } = groups[groupAt]!;
    const rowBytes = into.length / rows;
    const path = shardPath(groupAt, Math.floor(row / rowsPerShard));
    await files.use(join(artifactDir, path), async (handle) => {
      const from = (row % rowsPerShard) * rowBytes;
      for (let at = 0; at < into.length;) {
        const { bytesRead } = await handle.read(into, at, into.length - at, from + at);
        if (bytesRead === 0) throw damaged(`${path} ends too early`);
        at += bytesRead;
      }
    });
  }

  return {
    groups: groups.map(({ rowsPerShard: _, ...group }) => group),
    segments: segments.map(({ segment }) => segment),
    present: (index) => presents[recordingOf[index]!]!,
    badChannels: (index) => bad.get(index) ?? none,
    async read(indices) {
      const groupAt = segments[indices[0] ?? 0]?.segment.group ?? 0;
      const group = groups[groupAt];
      if (indices.length === 0 || !group) return new Float32Array(0);
      const size = group.electrodes.length * group.samples;
      const out = new Float32Array(indices.length * size);
      const order = Array.from(indices, (_, position) => position).sort((a, b) => indices[a]! - indices[b]!);
      const runLimit = Math.max(1, Math.floor(readBytesAtMost / (size * 4)));
      for (let at = 0; at < order.length;) {
        const row = indices[order[at]!]! - group.first;
        if (!(row >= 0 && row < group.count))
          throw new AppError(
            'invalid-input',
            `Segment ${row + group.first} is not in group "${group.name}"; read one group at a time.`,
          );
        const rowsAtMost = Math.min(runLimit, group.rowsPerShard - (row % group.rowsPerShard));
        let end = at + 1;
        while (end < order.length) {
          const step = indices[order[end]!]! - indices[order[end - 1]!]!;
          if (step > 1 || indices[order[end]!]! - group.first - row >= rowsAtMost) break;
          end++;
        }
        const rows = indices[order[end - 1]!]! - group.first - row + 1;
        const inPlace = rows === end - at && isAscending(order, at, end);
        const run = inPlace
          ? out.subarray(order[at]! * size, (order[at]! + rows) * size)
          : new Float32Array(rows * size);
        await readRun(groupAt, row, rows, new Uint8Array(run.buffer, run.byteOffset, run.byteLength));
        if (!inPlace)
          for (let k = at; k < end; k++) {
            const from = indices[order[k]!]! - group.first - row;
            out.set(run.subarray(from * size, (from + 1) * size), order[k]! * size);
          }
        at = end;
      }
      return out;
    },
    close: () => files.close(),
    [Symbol.asyncDispose]: () => files.close(),
  };
}

async function readIndex(
  path: string,
  groups: SegmentIndexHead['groups'],
  recordings: readonly StoredRecording[],
  damaged: (what: string) => AppError,
): Promise<{ segments: { r: number; segment: Segment }[]; bad: Map<number, number[]> }> {
  const segments: { r: number; segment: Segment }[] = [];
  const bad = new Map<number, number[]>();
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const index = segments.length;
    const line = parseLine(text);
    const home = line && recordings[line.r];
    const group = home && groups[home.group];
    if (!line || !home || !group || index < group.first || index >= group.first + group.count)
      throw damaged(`line ${index + 1} of its index makes no sense`);
    if (line.bad) bad.set(index, line.bad);
    const { recording, subject } = home;
    segments.push({
      r: line.r,
      segment: {
        index,
        group: home.group,
        recording,
        subject,
        startS: line.s,
        durationS: group.samples / group.sfreqHz,
      },
    });
  }
  return { segments, bad };
}

function parseLine(text: string): SegmentLine | null {
  try {
    const value: unknown = JSON.parse(text);
    const isLine = typeof value === 'object' && value !== null && 'r' in value && 's' in value;
    return isLine ? (value as SegmentLine) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isAscending(order: readonly number[], from: number, to: number): boolean {
  for (let k = from + 1; k < to; k++) if (order[k] !== order[k - 1]! + 1) return false;
  return true;
}

/** At most so many files open at once; the one unused longest is closed first, never one in use. */
function createFilePool(limit: number) {
  const pool = new Map<string, { handle: Promise<FileHandle>; users: number }>();
  async function evict(): Promise<void> {
    for (const [path, entry] of pool) {
      if (pool.size <= limit) return;
      if (entry.users > 0) continue;
      pool.delete(path);
      await (await entry.handle).close();
    }
  }
  return {
    async use<T>(path: string, work: (handle: FileHandle) => Promise<T>): Promise<T> {
      const entry = pool.get(path) ?? { handle: open(path, 'r'), users: 0 };
      entry.users++;
      pool.delete(path);
      pool.set(path, entry);
      try {
        const handle = await entry.handle.catch((error: unknown) => {
          pool.delete(path);
          throw error;
        });
        return await work(handle);
      } finally {
        entry.users--;
        if (pool.size > limit) await evict();
      }
    },
    async close(): Promise<void> {
      const entries = [...pool.values()];
      pool.clear();
      for (const { handle } of entries) await (await handle).close();
    },
  };
}
