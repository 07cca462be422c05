import { describe, expect, it } from 'vitest';
import type { TraceView, WindowView } from '#shared/views.ts';
import {
  chunkOf,
  PageChunks,
  stretchesOf,
  type Chunk,
  type ChunkQuestion,
} from '#renderer/viewer/page-chunks.ts';

const question: ChunkQuestion = {
  recording: 'R1',
  montage: 'banana',
  lffHz: 1,
  hffHz: 70,
  notchHz: 0,
  seconds: 10,
  pixels: 0,
  version: 0,
};

/** A back end whose answers come when the test says so. */
function slowBackEnd() {
  const waiting: {
    question: ChunkQuestion;
    index: number;
    signal: AbortSignal;
    answer: (chunk: Chunk) => void;
    refuse: (error: unknown) => void;
  }[] = [];
  const read = (asked: ChunkQuestion, index: number, signal: AbortSignal): Promise<Chunk> =>
    new Promise((answer, refuse) => waiting.push({ question: asked, index, signal, answer, refuse }));
  return { waiting, read };
}
const chunk = (footer: string): Chunk => ({ traces: [], pieces: [], footer });
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('the stretches of a page', () => {
  it('are the ones it touches, then those beside it', () => {
    expect(stretchesOf(0, 10, 125)).toEqual({ shown: [0], ahead: [1, 2] });
    expect(stretchesOf(20, 10, 125)).toEqual({ shown: [2], ahead: [3, 1, 4] });
    expect(stretchesOf(23, 10, 125)).toEqual({ shown: [2, 3], ahead: [4, 1, 5] });
    expect(stretchesOf(115, 10, 125)).toEqual({ shown: [11, 12], ahead: [10] });
  });

  it('never lie behind the end of the recording', () => {
    for (let startS = 0; startS < 40; startS += 0.7) {
      const { shown, ahead } = stretchesOf(startS, 10, 31);
      for (const index of [...shown, ...ahead]) expect(index).toBeLessThanOrEqual(3);
    }
  });
});

describe('reading ahead', () => {
  it('asks for the page first, two at a time, and for each stretch once', async () => {
    const { waiting, read } = slowBackEnd();
    const chunks = new PageChunks(read, () => undefined);
    chunks.want(question, [2, 3, 1]);
    chunks.want(question, [2, 3, 1]);
    expect(waiting.map(({ index }) => index)).toEqual([2, 3]);
    waiting[0]!.answer(chunk('two'));
    await settle();
    expect(waiting.map(({ index }) => index)).toEqual([2, 3, 1]);
    expect(chunks.get(2)?.footer).toBe('two');
    expect(chunks.get(3)).toBeNull();
  });

  it('reads ahead once the page itself is there', async () => {
    const { waiting, read } = slowBackEnd();
    const chunks = new PageChunks(read, () => undefined);
    chunks.want(question, [2], [3, 1]);
    expect(waiting.map(({ index }) => index)).toEqual([2]);
    waiting[0]!.answer(chunk('two'));
    await settle();
    expect(waiting.map(({ index }) => index)).toEqual([2, 3, 1]);
  });

  it('drops an answer that comes after the settings have changed', async () => {
    const { waiting, read } = slowBackEnd();
    let changes = 0;
    const chunks = new PageChunks(read, () => changes++);
    chunks.want(question, [0]);
    chunks.want({ ...question, hffHz: 30 }, [0]);
    expect(waiting[0]!.signal.aborted).toBe(true);
    waiting[0]!.answer(chunk('old'));
    await settle();
    expect(chunks.get(0)).toBeNull();
    expect(changes).toBe(0);
    waiting[1]!.answer(chunk('new'));
    await settle();
    expect(chunks.get(0)?.footer).toBe('new');
  });

  it('gives up pages that were turned past', () => {
    const { waiting, read } = slowBackEnd();
    const chunks = new PageChunks(read, () => undefined);
    chunks.want(question, [0, 1]);
    chunks.want(question, [7, 8]);
    expect(waiting.map(({ index, signal }) => [index, signal.aborted])).toEqual([
      [0, true],
      [1, true],
      [7, false],
      [8, false],
    ]);
  });

  it('keeps the labels of a montage while other filters are read', async () => {
    const { waiting, read } = slowBackEnd();
    const chunks = new PageChunks(read, () => undefined);
    chunks.want(question, [0]);
    waiting[0]!.answer(chunk('banana'));
    await settle();
    const quieter = { ...question, hffHz: 30 };
    chunks.want(quieter, [0]);
    expect(chunks.get(0)).toBeNull();
    expect(chunks.labels(quieter)?.footer).toBe('banana');
    expect(chunks.labels({ ...quieter, montage: 'average' })).toBeNull();
  });

  it('stops at a refusal and goes on when asked again', async () => {
    const { waiting, read } = slowBackEnd();
    const chunks = new PageChunks(read, () => undefined);
    chunks.want(question, [0, 1]);
    waiting[0]!.refuse(new Error('The drive is gone.'));
    await settle();
    expect(chunks.refusal?.message).toContain('The drive is gone.');
    const asked = waiting.length;
    chunks.tryAgain();
    expect(waiting.length).toBe(asked + 1);
    expect(chunks.refusal).toBeNull();
  });

  it('keeps no more stretches than a reader turns back to', async () => {
    const { waiting, read } = slowBackEnd();
    const chunks = new PageChunks(read, () => undefined);
    for (let index = 0; index < 40; index++) {
      chunks.want(question, [index]);
      waiting.at(-1)!.answer(chunk(String(index)));
      await settle();
    }
    const kept = Array.from({ length: 40 }, (_, index) => chunks.get(index)).filter((held) => held !== null);
    expect(kept.length).toBeLessThanOrEqual(14);
    expect(chunks.get(39)?.footer).toBe('39');
  });
});

describe('an answer as lines', () => {
  const trace = (over: Partial<TraceView>): TraceView => ({
    label: 'C3',
    group: 'left',
    hemisphere: 'left',
    kind: 'eeg',
    sfreqHz: 100,
    offset: 0,
    count: 0,
    bad: false,
    missing: null,
    note: null,
    unit: 'µV',
    filtered: 'all',
    saturated: [],
    stuck: [],
    channels: [0],
    ...over,
  });
  const windowOf = (traces: TraceView[], values: Float32Array<ArrayBuffer>): WindowView => ({
    startS: 20,
    seconds: 10,
    traces,
    data: new Blob([values]),
    footer: '',
  });

  it('joins neighbouring stretches without a missing or doubled sample, whatever the rate', async () => {
    for (const rate of [100, 160, 256, 99.7, 512.3]) {
      const ends = await Promise.all(
        [2, 3].map(async (index) => {
          const first = Math.round(index * 10 * rate);
          const count = Math.round((index + 1) * 10 * rate) - first;
          const view = {
            ...windowOf([trace({ sfreqHz: rate, count })], new Float32Array(count)),
            startS: index * 10,
          };
          return (await chunkOf(view, () => rate)).pieces[0]!;
        }),
      );
      const [a, b] = [ends[0]!, ends[1]!];
      expect(b.firstS - (a.firstS + (a.values.length - 1) * a.stepS)).toBeCloseTo(1 / rate, 9);
    }
  });

  it('knows minimum and maximum of columns from samples by the recorded rate', async () => {
    const values = new Float32Array(2000);
    const { pieces } = await chunkOf(windowOf([trace({ sfreqHz: 200, count: 2000 })], values), () => 1000);
    expect(pieces[0]).toMatchObject({ pairs: true, stepS: 0.01 });
    expect(pieces[0]!.firstS).toBeCloseTo(20.005, 9);
  });
});
