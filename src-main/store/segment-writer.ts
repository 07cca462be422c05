/** Writes prepared segments into an artifact: bounded shards of float32, an index line each, the groups at the end. */
import type { ArtifactDraft } from '#shared/artifacts.ts';
import type { SegmentGroup } from '#shared/eeg/segment.ts';
import { AppError } from '#shared/errors.ts';

/**
 * `groups.json`. Shards are `segments/<group>-<shard>.f32`, little-endian float32 [rows, C, T] in µV; all but the last
 * of a group hold `rowsPerShard` rows.
 */
export interface SegmentIndexHead {
  groups: (SegmentGroup & { rowsPerShard: number })[];
  recordings: StoredRecording[];
}

export interface StoredRecording {
  recording: string;
  subject: string;
  group: number;
  /** [C] 1 where the recording has the group's electrode. */
  present: number[];
}

/** A line of `segments.ndjson`; the line's number, from 0, is the segment's index. */
export interface SegmentLine {
  /** Position in the recordings of `groups.json`. */
  r: number;
  /** Start, seconds from the recording's start. */
  s: number;
  /** Group electrodes judged bad in this segment; left out when none. */
  bad?: number[];
}

export interface SegmentWriter {
  /** Ends the group before. Electrodes in schema order, without repeats. */
  beginGroup(group: Omit<SegmentGroup, 'first' | 'count'>): void;
  /**
   * Ends the recording before.
   * @param electrodes of the rows of `values` in `add`; each one of the group's
   */
  beginRecording(recording: { recording: string; subject: string; electrodes: readonly string[] }): void;
  /**
   * @param values     [electrodes, T] in µV; the group's other electrodes become zeros
   * @param badChannels positions in the recording's electrodes
   * @returns the segment's index
   */
  add(startS: number, values: Float32Array, badChannels?: readonly number[]): Promise<number>;
  /** Counts rows of this recording that the draft holds already. */
  skip(rows: number): void;
  /** Everything added so far goes to the draft. */
  flush(): Promise<void>;
  /** Writes what is left and `groups.json`. The draft is not committed. */
  finish(): Promise<{ groups: SegmentGroup[]; segments: number }>;
}

const shardBytesAtMost = 64 * 2 ** 20;
const lineBytesHeld = 1 << 16;

export function createSegmentWriter(draft: ArtifactDraft, shardBytes = shardBytesAtMost): SegmentWriter {
  const groups: SegmentIndexHead['groups'] = [];
  const recordings: StoredRecording[] = [];
  let rowOf: number[] = [];
  let index = 0;
  let lines = '';

  const refuse = (message: string) => new AppError('internal', message);
  const current = () => {
    const group = groups.at(-1);
    if (!group) throw refuse('A segment needs a group; begin one first.');
    return group;
  };

  async function flushLines(): Promise<void> {
    if (lines !== '') await draft.append('segments.ndjson', lines);
    lines = '';
  }

  return {
    beginGroup({ name, electrodes, sfreqHz, samples }) {
      if (electrodes.length === 0 || samples < 1 || new Set(electrodes).size !== electrodes.length)
        throw refuse(`Group "${name}" needs distinct electrodes and at least one sample.`);
      const rowsPerShard = Math.max(1, Math.floor(shardBytes / (electrodes.length * samples * 4)));
      groups.push({
        name,
        electrodes: [...electrodes],
        sfreqHz,
        samples,
        first: index,
        count: 0,
        rowsPerShard,
      });
      rowOf = [];
    },
    beginRecording({ recording, subject, electrodes }) {
      const group = current();
      rowOf = electrodes.map((name) => group.electrodes.indexOf(name));
      const stray = electrodes.filter((_, row) => rowOf[row] === -1);
      if (stray.length > 0 || new Set(rowOf).size !== rowOf.length)
        throw refuse(
          `${recording} has electrodes twice or outside group "${group.name}": ${electrodes.join(', ')}.`,
        );
      const present = group.electrodes.map((_, row) => (rowOf.includes(row) ? 1 : 0));
      recordings.push({ recording, subject, group: groups.length - 1, present });
    },
    async add(startS, values, badChannels = []) {
      const group = current();
      const { samples } = group;
      if (rowOf.length === 0 || values.length !== rowOf.length * samples)
        throw refuse(
          `A segment of "${group.name}" has ${values.length} values, not ${rowOf.length} × ${samples}.`,
        );
      const row = new Float32Array(group.electrodes.length * samples);
      rowOf.forEach((to, from) => {
        row.set(values.subarray(from * samples, (from + 1) * samples), to * samples);
      });
      const shard = Math.floor(group.count / group.rowsPerShard);
      await draft.append(shardPath(groups.length - 1, shard), new Uint8Array(row.buffer));
      const line: SegmentLine = { r: recordings.length - 1, s: startS };
      if (badChannels.length > 0) line.bad = badChannels.map((from) => rowOf[from]!).sort((a, b) => a - b);
      lines += `${JSON.stringify(line)}\n`;
      group.count++;
      if (lines.length > lineBytesHeld) await flushLines();
      return index++;
    },
    skip(rows) {
      current().count += rows;
      index += rows;
    },
    flush: flushLines,
    async finish() {
      await flushLines();
      const head: SegmentIndexHead = { groups, recordings };
      if (index === 0) await draft.write('segments.ndjson', '');
      await draft.write('groups.json', `${JSON.stringify(head)}\n`);
      return {
        segments: index,
        groups: groups.map(({ rowsPerShard: _, ...group }) => group),
      };
    },
  };
}

export function shardPath(group: number, shard: number): string {
  return `segments/${group}-${String(shard).padStart(4, '0')}.f32`;
}
