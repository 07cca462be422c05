/** Signals of a recording in stretches of one page length: kept, read ahead, dropped when nobody waits for them any more. */
import type { TraceView, WindowView } from '#shared/views.ts';
import { isAbort, toRefusal, type Refusal } from '../client.ts';
import type { Piece } from './trace-path.ts';

/** What one stretch is asked with; the same words give the same stretch. */
export interface ChunkQuestion {
  recording: string;
  montage: string;
  lffHz: number;
  hffHz: number;
  notchHz: number;
  /** Length of a stretch. */
  seconds: number;
  pixels: number;
  /** Grows when what lies behind the answers changed: bad channels, answers about labels. */
  version: number;
}

export interface Chunk {
  traces: TraceView[];
  pieces: Piece[];
  footer: string;
}

/** Reads stretch number `index`: from index · seconds on. */
export type ReadChunk = (question: ChunkQuestion, index: number, signal: AbortSignal) => Promise<Chunk>;

const kept = 14;
const atOnce = 2;

export class PageChunks {
  /** Grows with every arrival. */
  arrived = 0;
  refusal: Refusal | null = null;
  readonly #read: ReadChunk;
  readonly #changed: () => void;
  readonly #chunks = new Map<number, Chunk>();
  readonly #underWay = new Map<number, AbortController>();
  #labels: { key: string; chunk: Chunk } | null = null;
  #question: ChunkQuestion | null = null;
  #key = '';
  #wanted: number[] = [];
  /** How many of the wanted are needed now. */
  #urgent = 0;

  /** @param changed called after an arrival or a refusal */
  constructor(read: ReadChunk, changed: () => void) {
    this.#read = read;
    this.#changed = changed;
  }

  get(index: number): Chunk | null {
    return this.#chunks.get(index) ?? null;
  }

  /** True when what is kept answers this question. */
  holds(question: ChunkQuestion): boolean {
    return JSON.stringify(question) === this.#key;
  }

  /** The newest stretch of this recording and montage, whatever its filters: its traces' names are those of every page. */
  labels(question: ChunkQuestion): Chunk | null {
    return this.#labels?.key === labelKey(question) ? this.#labels.chunk : null;
  }

  /**
   * Says what is needed now, the most urgent first. Reading that is no longer needed is given up, and its answer, should it
   * still come, is dropped.
   * @param ahead what may be needed next: read once all that is needed now is there
   */
  want(question: ChunkQuestion, indices: readonly number[], ahead: readonly number[] = []): void {
    const key = JSON.stringify(question);
    if (key !== this.#key) {
      this.#key = key;
      this.#question = question;
      this.#stop(() => true);
      this.#chunks.clear();
      this.refusal = null;
    }
    this.#wanted = [...indices, ...ahead];
    this.#urgent = indices.length;
    this.#stop((index) => !this.#wanted.includes(index));
    this.#next();
  }

  tryAgain(): void {
    this.refusal = null;
    this.#next();
  }

  close(): void {
    this.#wanted = [];
    this.#stop(() => true);
  }

  #stop(which: (index: number) => boolean): void {
    for (const [index, abort] of this.#underWay) {
      if (!which(index)) continue;
      abort.abort();
      this.#underWay.delete(index);
    }
  }

  #next(): void {
    const question = this.#question;
    if (!question || this.refusal) return;
    // Side by side, what is ahead would only make the page come later.
    const waits = this.#wanted.slice(0, this.#urgent).some((index) => !this.#chunks.has(index));
    for (const index of waits ? this.#wanted.slice(0, this.#urgent) : this.#wanted) {
      if (this.#underWay.size >= atOnce) return;
      if (!this.#chunks.has(index) && !this.#underWay.has(index)) void this.#fetch(question, index);
    }
  }

  async #fetch(question: ChunkQuestion, index: number): Promise<void> {
    const abort = new AbortController();
    this.#underWay.set(index, abort);
    try {
      const chunk = await this.#read(question, index, abort.signal);
      if (this.#underWay.get(index) !== abort) return;
      this.#labels = { key: labelKey(question), chunk };
      this.#keep(index, chunk);
    } catch (error) {
      if (this.#underWay.get(index) !== abort) return;
      if (!isAbort(error)) this.refusal = toRefusal(error);
    }
    this.#underWay.delete(index);
    this.arrived++;
    this.#changed();
    this.#next();
  }

  #keep(index: number, chunk: Chunk): void {
    this.#chunks.set(index, chunk);
    for (const old of this.#chunks.keys()) {
      if (this.#chunks.size <= kept) return;
      if (!this.#wanted.includes(old)) this.#chunks.delete(old);
    }
  }
}

function labelKey({ recording, montage, version }: ChunkQuestion): string {
  return JSON.stringify([recording, montage, version]);
}

/**
 * Numbers of the stretches that a page touches, then those of the pages after and before it.
 * @param durationS nothing is asked for behind the end
 */
export function stretchesOf(
  startS: number,
  seconds: number,
  durationS: number,
): { shown: number[]; ahead: number[] } {
  const last = Math.max(0, Math.ceil(durationS / seconds) - 1);
  const first = Math.max(0, Math.floor(startS / seconds + 1e-9));
  const end = Math.max(first, Math.ceil((startS + seconds) / seconds - 1e-9) - 1);
  const within = (index: number): boolean => index >= 0 && index <= last;
  const shown = Array.from({ length: end - first + 1 }, (_, i) => first + i).filter(within);
  return { shown, ahead: [end + 1, first - 1, end + 2].filter(within) };
}

/**
 * A window's answer as lines. Samples of a stretch are round(startS · f) ≤ j < round(endS · f); fewer values than that are
 * minimum and maximum of equal columns.
 * @param rateOf the recorded rate of a trace's channel, Hz
 */
export async function chunkOf(window: WindowView, rateOf: (trace: TraceView) => number): Promise<Chunk> {
  const data = new Float32Array(await window.data.arrayBuffer());
  const pieces = window.traces.map((trace): Piece => {
    const values = data.subarray(trace.offset, trace.offset + trace.count);
    const rate = rateOf(trace);
    const pairs = trace.count > 0 && Math.abs(trace.sfreqHz - rate) > 1e-6 * rate;
    if (!pairs) return { values, firstS: Math.round(window.startS * rate) / rate, stepS: 1 / rate, pairs };
    const stepS = (2 * window.seconds) / trace.count;
    return { values, firstS: window.startS + stepS / 2, stepS, pairs };
  });
  return { traces: window.traces, pieces, footer: window.footer };
}
