/** One open recording: where the page is, how it is shown, what is pointed at; the signals come and go behind it. */
import type { MarkView, RecordingDetail, TraceView } from '#shared/views.ts';
import type { Api } from '../client.ts';
import { preferences } from '../preferences.svelte.ts';
import { clampStart } from './minimap.ts';
import { PageChunks, chunkOf, stretchesOf, type Chunk, type ChunkQuestion } from './page-chunks.ts';
import { nextInRing, pageLengths, settingsFrom, stepAlong, type PageSettings } from './page-settings.ts';
import {
  drawnTraces,
  fittingScale,
  isStairs,
  stairsScale,
  type DrawnTrace,
  type TraceContent,
} from './page-scene.ts';
import { firstMontage, type ReadingHabits } from './reading-habits.ts';
import type { Piece } from './trace-path.ts';
import { rangeOf } from './trace-values.ts';

/** More values than this in a stretch, and the back end is asked for minima and maxima of pixel columns. */
const mostValues = 600_000;
/** Rungs of a single trace's own scale. */
const ownLadder = Array.from({ length: 10 }, (_, power) =>
  [1, 2, 5].map((step) => step * 10 ** (power - 3)),
).flat();

export class Viewer {
  readonly detail: RecordingDetail;
  startS = $state(0);
  settings = $state.raw<PageSettings>()!;
  names = $state<'modern' | 'older'>('modern');
  negativeUp = $state(true);
  /** Traces end at the edges of their lanes. */
  cut = $state(false);
  /** Seconds of the recording in one second of playing. */
  speed = $state(1);
  /** Where the reader points; null before that. */
  cursorS = $state<number | null>(null);
  secondS = $state<number | null>(null);
  /** Dragged over. */
  span = $state.raw<{ fromS: number; toS: number } | null>(null);
  /** Name of the trace that Alt + − and B mean. */
  focus = $state<string | null>(null);
  /** Id of the mark that Enter and Del mean. */
  mark = $state<string | null>(null);
  /** There is a distillate, so its segments have a row. */
  band = $state(false);
  ownScales = $state.raw<ReadonlyMap<string, number>>(new Map());
  /** The recording as it is now: marks and bad channels change it. */
  now = $state.raw<RecordingDetail>()!;
  /** Room for traces, px; 0 before the page is laid out. */
  widthPx = $state(0);
  /** Height of all lanes together, mm, for the scales of single traces. */
  lanesMm = 150;
  #arrived = $state(0);
  #version = $state(0);
  readonly #chunks: PageChunks;

  constructor(
    api: Pick<Api['signals'], 'window'>,
    detail: RecordingDetail,
    habits: ReadingHabits,
    query: URLSearchParams,
  ) {
    this.detail = detail;
    this.now = detail;
    this.names = habits.names;
    this.negativeUp = habits.negativeUp;
    this.cut = habits.cut;
    const settings = settingsFrom(query, habits);
    this.settings = { ...settings, montage: firstMontage(detail, query.get('montage'), habits.montage) };
    this.#chunks = new PageChunks(
      async (question, index, signal) => {
        const { version: _, ...rest } = question;
        const window = await api.window({ ...rest, startS: index * question.seconds }, { signal });
        return chunkOf(window, (trace) => this.rateOf(trace));
      },
      () => this.#arrived++,
    );
    const asked = Number(query.get('t') ?? 0);
    this.goTo(Number.isFinite(asked) ? asked : 0);
  }

  get durationS(): number {
    return this.detail.durationS;
  }

  get endS(): number {
    return this.startS + this.settings.seconds;
  }

  readonly #question = $derived.by((): ChunkQuestion => {
    const { montage, lffHz, hffHz, notchHz, seconds } = this.settings;
    const values = this.detail.channelList.reduce((sum, { sfreqHz }) => sum + sfreqHz * seconds, 0);
    // In steps, so that labels of another width do not make everything be read again.
    const pixels = values > mostValues ? Math.max(512, Math.ceil(this.widthPx / 256) * 256) : 0;
    return {
      recording: this.detail.id,
      montage,
      lffHz,
      hffHz,
      notchHz,
      seconds,
      pixels,
      version: this.#version,
    };
  });

  /** Stretches that this page touches, those that are there. */
  readonly #here = $derived.by((): { missing: number; chunks: Chunk[] } => {
    void this.#arrived;
    const { shown } = stretchesOf(this.startS, this.settings.seconds, this.durationS);
    // Until `read` has passed on a new question, what is kept answers the old one and must not be shown as new.
    if (!this.#chunks.holds(this.#question)) return { missing: shown.length, chunks: [] };
    const chunks = shown.flatMap((index) => this.#chunks.get(index) ?? []);
    return { missing: shown.length - chunks.length, chunks };
  });

  /** Labels stay while the next page is read. */
  readonly #labels = $derived.by((): Chunk | null => {
    void this.#arrived;
    return this.#here.chunks[0] ?? this.#chunks.labels(this.#question);
  });

  readonly traces = $derived<TraceView[]>(this.#labels?.traces ?? []);
  readonly footer = $derived(this.#labels?.footer ?? '');
  readonly refusal = $derived.by(() => {
    void [this.#arrived, this.#question];
    return this.#chunks.refusal;
  });

  readonly reading = $derived(this.refusal === null && this.#here.missing > 0);

  readonly drawn = $derived.by((): DrawnTrace[] => {
    const { scales: fitted, middles } = this.#fitted;
    const scales = new Map(fitted);
    for (const [name, scale] of this.ownScales) scales.set(name, scale);
    const contentOf = (i: number): TraceContent => ({
      pieces: this.piecesOf(i),
      saturated: this.#faultsOf(i, 'saturated'),
      stuck: this.#faultsOf(i, 'stuck'),
    });
    return drawnTraces(this.traces, contentOf, {
      sensitivity: this.settings.sensitivity,
      pxPerMm: preferences.current.pxPerMm,
      hemispheres: preferences.current.hemispheres,
      names: this.names,
      negativeUp: this.negativeUp,
      ownScales: scales,
      middles,
      nameOf: (channel) => this.nameOf(channel),
      centred: this.settings.lffHz === 0,
    });
  });

  readonly marksHere = $derived(
    this.now.marks.filter(({ startS, durationS }) => startS < this.endS && startS + durationS >= this.startS),
  );

  /** Scales found for traces that are no EEG; each is found once, so that the next page is drawn at the same. */
  readonly #found = new Map<string, number>();
  /** Lowest and highest value of stairs on the pages seen: their lane holds all of it, and their ground stays where it is. */
  readonly #ranges = new Map<string, { low: number; high: number }>();
  readonly #fitted = $derived.by(() => {
    const laneMm = this.lanesMm / this.traces.length;
    const middles = new Map<string, number>();
    for (const [i, trace] of this.traces.entries()) {
      const { label, kind } = trace;
      if (kind === 'eeg' || kind === 'eog' || trace.missing !== null) continue;
      if (isStairs(trace)) this.#widen(label, this.piecesOf(i));
      const range = this.#ranges.get(label);
      if (range) middles.set(label, (range.low + range.high) / 2);
      if (range && range.high > range.low) this.#found.set(label, stairsScale(range.low, range.high, laneMm));
      else if (!range && !this.#found.has(label)) {
        const scale = fittingScale(this.piecesOf(i), laneMm);
        if (scale !== null) this.#found.set(label, scale);
      }
    }
    return { scales: new Map(this.#found), middles };
  });

  #widen(label: string, pieces: readonly Piece[]): void {
    const here = rangeOf(pieces);
    const known = this.#ranges.get(label) ?? here;
    if (here && known)
      this.#ranges.set(label, {
        low: Math.min(known.low, here.low),
        high: Math.max(known.high, here.high),
      });
  }

  /** Lines of a trace on this page: one piece per stretch that is there. */
  piecesOf(trace: number): Piece[] {
    return this.#here.chunks.flatMap((chunk) => chunk.pieces[trace] ?? []);
  }

  #faultsOf(trace: number, which: 'saturated' | 'stuck'): TraceView['saturated'] {
    return this.#here.chunks
      .flatMap((chunk) => chunk.traces[trace]?.[which] ?? [])
      .filter(({ startS, endS }) => startS < this.endS && endS > this.startS);
  }

  /** The site of a channel, or its label. */
  nameOf(channel: number): string {
    const found = this.now.channelList.find(({ position }) => position === channel);
    return found?.electrode ?? found?.bipolar?.join('–') ?? found?.label ?? `channel ${channel + 1}`;
  }

  /** The stretch that holds a moment, as the map of potentials reads it. */
  stretchAt(atS: number): { startS: number; chunk: Chunk } | null {
    void this.#arrived;
    if (!this.#chunks.holds(this.#question)) return null;
    const index = Math.floor(atS / this.settings.seconds);
    const chunk = this.#chunks.get(index);
    return chunk && { startS: index * this.settings.seconds, chunk };
  }

  rateOf(trace: TraceView): number {
    return (
      this.detail.channelList.find(({ position }) => position === trace.channels[0])?.sfreqHz ?? trace.sfreqHz
    );
  }

  /** Time between samples of the fastest EEG channel. */
  get sampleS(): number {
    return (
      1 /
      Math.max(
        1,
        ...this.detail.channelList.filter(({ kind }) => kind === 'eeg').map(({ sfreqHz }) => sfreqHz),
      )
    );
  }

  /** Asks for what the page shows and its neighbours. Call whenever the page or its settings changed. */
  read(): void {
    if (this.widthPx === 0) return;
    const { shown, ahead } = stretchesOf(this.startS, this.settings.seconds, this.durationS);
    this.#chunks.want(this.#question, shown, ahead);
  }

  tryAgain(): void {
    this.#chunks.tryAgain();
    this.#arrived++;
  }

  close(): void {
    this.#chunks.close();
  }

  /** Takes the recording's newest state; a change of bad channels or of the map makes the signals old. */
  refresh(detail: RecordingDetail): void {
    const of = ({ channelList, montages }: RecordingDetail): string =>
      JSON.stringify([channelList, montages.map(({ blockedBy }) => blockedBy)]);
    if (of(detail) !== of(this.now)) this.#version++;
    this.now = detail;
    if (!detail.marks.some(({ id }) => id === this.mark)) this.mark = null;
  }

  goTo(atS: number): void {
    this.startS = clampStart(atS, this.settings.seconds, this.durationS);
  }

  move(byS: number): void {
    this.goTo(this.startS + byS);
  }

  /** Brings a moment into view, a quarter into the page, unless it is in view already. */
  show(atS: number): void {
    if (atS < this.startS || atS > this.endS) this.goTo(Math.floor(atS - this.settings.seconds / 4));
  }

  set(change: Partial<PageSettings>): void {
    this.settings = { ...this.settings, ...change };
    if (change.seconds !== undefined) this.goTo(this.startS);
  }

  stepSetting(name: 'sensitivity' | 'lffHz' | 'hffHz', ladder: readonly number[], by: 1 | -1): void {
    this.set({ [name]: stepAlong(ladder, this.settings[name], by) });
  }

  nextPageLength(): void {
    this.set({ seconds: nextInRing<number>(pageLengths, this.settings.seconds) });
  }

  /** @returns why not, or null when it is shown now */
  useMontage(id: string): string | null {
    const montage = this.now.montages.find((each) => each.id === id);
    if (!montage) return `There is no montage ${id}.`;
    if (montage.blockedBy !== null) return `${montage.name}: ${montage.blockedBy}`;
    this.set({ montage: id });
    this.focus = null;
    return null;
  }

  /** Makes the focused trace larger (−1 rung of µV/mm) or smaller. @returns its scale, or null without a focus */
  stepOwnScale(by: 1 | -1): number | null {
    if (this.focus === null) return null;
    const present =
      this.ownScales.get(this.focus) ?? this.#fitted.scales.get(this.focus) ?? this.settings.sensitivity;
    const next = stepAlong(ownLadder, present, by);
    this.ownScales = new Map(this.ownScales).set(this.focus, next);
    return next;
  }

  /** The mark beside the chosen one while that is in sight, else beside the cursor or the page; null at the ends. */
  markBeside(by: 1 | -1): MarkView | null {
    const { marks } = this.now;
    const chosen = marks.findIndex(({ id }) => id === this.mark);
    if (chosen >= 0 && this.#sees(marks[chosen]!.startS)) return marks[chosen + by] ?? null;
    const atS = this.cursorS !== null && this.#sees(this.cursorS) ? this.cursorS : this.startS;
    return by > 0
      ? (marks.find(({ startS }) => startS > atS + 1e-6) ?? null)
      : (marks.findLast(({ startS }) => startS < atS - 1e-6) ?? null);
  }

  #sees(atS: number): boolean {
    return atS >= this.startS && atS <= this.endS;
  }

  /** Focuses the trace above (−1) or below. */
  focusBeside(by: 1 | -1): void {
    const at = this.traces.findIndex(({ label }) => label === this.focus);
    const next = at < 0 ? 0 : Math.max(0, Math.min(this.traces.length - 1, at + by));
    this.focus = this.traces[next]?.label ?? null;
  }

  /** Moves the cursor by one sample and keeps it in sight; without one it begins in the middle of the page. */
  moveCursor(by: 1 | -1): void {
    const from = this.cursorS ?? this.startS + this.settings.seconds / 2;
    this.cursorS = Math.max(0, Math.min(this.durationS, from + by * this.sampleS));
    this.show(this.cursorS);
  }

  /** Sets the second cursor a little after the first, or takes it away. */
  toggleSecond(): void {
    if (this.secondS !== null) {
      this.secondS = null;
      return;
    }
    this.cursorS ??= this.startS + this.settings.seconds / 2;
    this.secondS = Math.min(this.endS, this.cursorS + this.settings.seconds / 20);
  }

  /** Leaves what was pointed at last. @returns false when nothing was */
  leave(): boolean {
    if (this.span) this.span = null;
    else if (this.secondS !== null) this.secondS = null;
    else if (this.cursorS !== null) this.cursorS = null;
    else if (this.focus !== null || this.mark !== null) this.focus = this.mark = null;
    else return false;
    return true;
  }

  choose(mark: MarkView): void {
    this.mark = mark.id;
    this.cursorS = mark.startS;
    this.show(mark.startS);
  }

  habits(panel: boolean, minimap: boolean): ReadingHabits {
    return {
      ...this.settings,
      names: this.names,
      negativeUp: this.negativeUp,
      cut: this.cut,
      panel,
      minimap,
    };
  }
}
