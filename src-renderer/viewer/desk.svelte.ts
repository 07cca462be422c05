/** What a reader has open around one page, and every verb of the keys: marks, bad channels, reasons, pictures, panels. */
import type { MarkView, RecordingDetail } from '#shared/views.ts';
import { toRefusal, type Api } from '../client.ts';
import { preferences } from '../preferences.svelte.ts';
import { Resource } from '../resource.svelte.ts';
import { router } from '../router.svelte.ts';
import { toasts } from '../ui/toast.svelte.ts';
import { undoStack } from '../undo.svelte.ts';
import { time } from '../words.ts';
import { Annotations } from './annotations.ts';
import {
  answeredWords,
  automaticQuestion,
  badQuestion,
  cursorWords,
  lockedBecause,
  markQuestion,
  newestDistillate,
} from './desk-actions.ts';
import { DeskPanels } from './desk-panels.svelte.ts';
import { copyPicture, savePicture } from './desk-picture.ts';
import type { KeyQuestion } from './key-question.ts';
import type { ViewerAction } from './keys.ts';
import { pageActions } from './page-actions.ts';
import type { PageScene } from './page-scene.ts';
import type { ReadingHabits } from './reading-habits.ts';
import { Viewer } from './viewer.svelte.ts';

type Channel = RecordingDetail['channelList'][number];

/** A segment of a distillate whose reasons are shown. */
export interface Explained {
  id: string;
  keep: number;
  index: number;
}

export class Desk {
  readonly viewer: Viewer;
  readonly annotations: Annotations;
  readonly panels: DeskPanels;
  readonly newest = new Resource<{ id: string; keep: number } | null>();
  /** The page as figures. */
  table = $state(false);
  /** The question for a time is open. */
  going = $state(false);
  playing = $state(false);
  question = $state.raw<KeyQuestion | null>(null);
  why = $state.raw<Explained | null>(null);
  /** The page as it is drawn now, for pictures of it. */
  scene = $state.raw<PageScene | null>(null);
  /** Spoken to who cannot see the cursor. */
  said = $state('');
  /** An element on white paper: its tokens are those of pictures. */
  light: HTMLElement | null = null;
  readonly #api: Pick<Api, 'signals' | 'recordings' | 'datasets'>;

  constructor(
    api: Pick<Api, 'signals' | 'recordings' | 'datasets'>,
    detail: RecordingDetail,
    habits: ReadingHabits,
    query: URLSearchParams,
  ) {
    this.#api = api;
    this.viewer = new Viewer(api.signals, detail, habits, query);
    this.annotations = new Annotations(api.recordings, detail.id, (change) => undoStack.push(change));
    this.panels = new DeskPanels(habits);
    this.act = this.#actions();
  }

  /** The mark that Enter and Del mean. */
  readonly selected = $derived.by(
    () => this.viewer.now.marks.find(({ id }) => id === this.viewer.mark) ?? null,
  );
  readonly automatic = $derived.by(() =>
    this.viewer.now.marks.filter(({ source }) => source === 'automatic'),
  );
  /** What a person changed of what is automatic, in words; null when nothing. */
  readonly answered = $derived.by(() => answeredWords(this.viewer.now));
  readonly similarBlocked = $derived.by(() =>
    this.newest.value ? null : 'Similar pages are known once there is a distillate.',
  );

  readonly act: Record<ViewerAction, () => void>;

  askDistillate(): void {
    void this.newest.load((signal) => newestDistillate(this.#api.datasets, signal));
  }

  /** One step of playing on, a tenth of a second apart. */
  playOn(): void {
    this.viewer.move(0.1 * this.viewer.speed);
    if (this.viewer.endS >= this.viewer.durationS) this.playing = false;
  }

  askMark(): void {
    this.question = markQuestion(this.viewer, this.annotations, this.#tell, (next) => {
      this.question = next;
    });
  }

  askBad(): void {
    const found = badQuestion(this.viewer, (channel) => this.turnBad(channel));
    if (!found) needTrace();
    else if ('only' in found) this.turnBad(found.only);
    else this.question = found.question;
  }

  turnBad(channel: Channel): void {
    const named = { position: channel.position, label: channel.electrode ?? channel.label };
    this.#tell(() => this.annotations.setBad(named, !channel.bad));
  }

  goodAgain(position: number): void {
    const channel = this.viewer.now.channelList.find((each) => each.position === position);
    if (channel?.bad) this.turnBad(channel);
  }

  /** @param channel null: the whole recording */
  backToAutomatic(channel: Channel | null): void {
    const named = channel && { position: channel.position, label: channel.electrode ?? channel.label };
    this.#tell(async () => {
      const words = await this.annotations.backToAutomatic(named);
      toasts.say(words, { icon: 'info' });
    });
  }

  askAutomatic(): void {
    const found = automaticQuestion(this.viewer, (channel) => this.backToAutomatic(channel));
    if (!found) needTrace();
    else if ('only' in found) this.backToAutomatic(found.only);
    else this.question = found.question;
  }

  accept(mark: MarkView | null): void {
    if (mark?.source === 'automatic') this.#tell(() => this.annotations.accept([mark]));
  }

  acceptAll(): void {
    this.#tell(() => this.annotations.accept(this.automatic));
  }

  remove(mark: MarkView): void {
    const locked = lockedBecause(mark);
    if (locked) toasts.say(locked, { icon: 'lock' });
    else this.#tell(() => this.annotations.remove(mark));
  }

  rejectAll(): void {
    this.#tell(() => this.annotations.reject(this.automatic));
  }

  /** Shows why not when the montage cannot be derived. */
  useMontage(id: string): void {
    const refused = this.viewer.useMontage(id);
    if (refused) toasts.say(refused, { icon: 'info' });
  }

  /** Runs what talks to the back end; a refusal is said, never swallowed. */
  readonly #tell = (run: () => Promise<unknown>): void => {
    void run().catch((error: unknown) => toasts.say(toRefusal(error).message, { icon: 'lost' }));
  };

  #actions(): Record<ViewerAction, () => void> {
    const { viewer } = this;
    return {
      ...pageActions(viewer),
      'go-to': () => (this.going = true),
      'mark-before': () => this.#goToMark(-1),
      'mark-after': () => this.#goToMark(1),
      'own-larger': () => this.#stepOwn(-1),
      'own-smaller': () => this.#stepOwn(1),
      'lane-up': () => this.#spoken(() => viewer.focusBeside(-1)),
      'lane-down': () => this.#spoken(() => viewer.focusBeside(1)),
      'cursor-back': () => this.#spoken(() => viewer.moveCursor(-1)),
      'cursor-on': () => this.#spoken(() => viewer.moveCursor(1)),
      mark: () => this.askMark(),
      accept: () => this.accept(this.selected),
      reject: () => {
        if (this.selected) this.remove(this.selected);
        else toasts.say('Choose a mark first: click its flag, or press [ and ].', { icon: 'info' });
      },
      bad: () => this.askBad(),
      automatic: () => this.askAutomatic(),
      'all-automatic': () => this.backToAutomatic(null),
      similar: () => this.#tell(() => this.#explain()),
      why: () => (this.why ? (this.why = null) : this.#tell(() => this.#explain())),
      panel: () => this.panels.togglePanel(),
      minimap: () => this.panels.toggleMinimap(),
      table: () => (this.table = !this.table),
      play: () => (this.playing = !this.playing),
      paper: () => preferences.set({ paper: preferences.current.paper === 'white' ? 'theme' : 'white' }),
      picture: () => this.#tell(() => savePicture(this)),
      copy: () => this.#tell(() => copyPicture(this)),
      close: () => {
        if (!viewer.leave() && this.why) this.why = null;
      },
    };
  }

  /** The reasons of the segment under the cursor, and the segments like it. */
  async #explain(): Promise<void> {
    const distillate = this.newest.value;
    if (!distillate) {
      toasts.say('Why a stretch was kept is known once there is a distillate.', {
        icon: 'info',
        action: { text: 'New distillate', run: () => router.go('/distil/new') },
      });
      return;
    }
    const { cursorS, startS, settings, detail } = this.viewer;
    const atS = cursorS ?? startS + settings.seconds / 2;
    const [segment] = await this.#api.datasets.at({
      id: distillate.id,
      recording: detail.id,
      startS: atS,
      endS: atS + 0.001,
    });
    if (!segment) toasts.say(`${time(atS)} lies in no segment of ${distillate.id}.`, { icon: 'info' });
    else {
      this.why = { ...distillate, index: segment.index };
      this.panels.togglePanel(true);
    }
  }

  #goToMark(by: 1 | -1): void {
    const mark = this.viewer.markBeside(by);
    if (mark) this.viewer.choose(mark);
    else toasts.say(by > 0 ? 'No mark after this.' : 'No mark before this.', { icon: 'info' });
  }

  #stepOwn(by: 1 | -1): void {
    if (this.viewer.stepOwnScale(by) === null) needTrace();
  }

  #spoken(move: () => void): void {
    move();
    this.said = cursorWords(this.viewer);
  }
}

function needTrace(): void {
  toasts.say('Choose a trace first: click its label, or use the arrows up and down.', { icon: 'info' });
}
