/** What a reader does on the desk beyond moving: marks, bad channels, questions about them, segments and pictures. */
import type { MarkView, RecordingDetail } from '#shared/views.ts';
import type { Api } from '../client.ts';
import { preferences } from '../preferences.svelte.ts';
import { figure, plural, time } from '../words.ts';
import type { Annotations, NewMark } from './annotations.ts';
import type { KeyQuestion } from './key-question.ts';
import { artefactKinds, markKinds } from './keys.ts';
import { pointText } from './overlay-drawing.ts';
import { channelsOfTrace } from './page-scene.ts';
import { printedSettings, type PrintedSetting } from './page-words.ts';
import { valueAt } from './trace-values.ts';
import type { Viewer } from './viewer.svelte.ts';

type BadChannel = RecordingDetail['channelList'][number];

/**
 * Asks what the mark at the cursor or over the span says.
 * @param run  tells when it was refused
 * @param then asks on: an artefact has a kind
 */
export function markQuestion(
  viewer: Viewer,
  annotations: Annotations,
  run: (task: () => Promise<unknown>) => void,
  then: (question: KeyQuestion) => void,
): KeyQuestion {
  const { span, focus } = viewer;
  const startS = Number(Math.max(0, span?.fromS ?? viewer.cursorS ?? viewer.startS).toFixed(4));
  const durationS = span ? Number((span.toS - span.fromS).toFixed(4)) : 0;
  const put = (text: string, channel: string | null): void => {
    const mark: NewMark = { startS, durationS, text, channel };
    run(async () => {
      viewer.mark = (await annotations.mark(mark)).id;
      viewer.span = null;
    });
  };
  const which = durationS > 0 ? `${time(startS)}, ${figure(durationS)} s` : time(startS);
  const artefact: KeyQuestion = {
    title: `Artefact ${which}`,
    answers: artefactKinds.map(({ key, text }) => ({
      key,
      text,
      run: () => put(key === 'X' ? 'Artefact' : `Artefact: ${text.toLowerCase()}`, focus),
    })),
  };
  return {
    title: `Mark ${which}`,
    // Sharp waves and artefacts have a place on the head; the rest is about the patient.
    answers: markKinds.map(({ key, text }) => ({
      key,
      text,
      run: () => (key === 'X' ? then(artefact) : put(text, key === 'S' ? focus : null)),
    })),
    onText: (text) => put(text, null),
  };
}

/**
 * Which channel of the focused trace is bad or good again.
 * @returns the one it can only be, a question between two ends, or null without a focused trace
 */
export function badQuestion(
  viewer: Viewer,
  turn: (channel: BadChannel) => void,
): { only: BadChannel } | { question: KeyQuestion } | null {
  const trace = viewer.traces.find(({ label }) => label === viewer.focus);
  if (!trace) return null;
  const own = channelsOfTrace(trace, viewer.now.channelList);
  if (own.length === 0) return null;
  if (own.length === 1) return { only: own[0]! };
  return {
    question: {
      title: `${trace.label.replaceAll('-', '–')}: which is bad?`,
      answers: own.slice(0, 9).map((channel, i) => ({
        key: String(i + 1),
        text: `${channel.electrode ?? channel.label}${channel.bad ? ' is good again' : ''}`,
        run: () => turn(channel),
      })),
    },
  };
}

/**
 * Which channel of the focused trace goes back to automatic.
 * @returns as `badQuestion`; of two ends only those that a person called bad are asked about, unless neither was
 */
export function automaticQuestion(
  viewer: Viewer,
  turn: (channel: BadChannel) => void,
): { only: BadChannel } | { question: KeyQuestion } | null {
  const trace = viewer.traces.find(({ label }) => label === viewer.focus);
  const own = trace ? channelsOfTrace(trace, viewer.now.channelList) : [];
  const changed = own.filter(({ bad }) => bad);
  const meant = changed.length > 0 ? changed : own;
  if (!trace || meant.length === 0) return null;
  if (meant.length === 1) return { only: meant[0]! };
  return {
    question: {
      title: `${trace.label.replaceAll('-', '–')}: which goes back to automatic?`,
      answers: meant.slice(0, 9).map((channel, i) => ({
        key: String(i + 1),
        text: channel.electrode ?? channel.label,
        run: () => turn(channel),
      })),
    },
  };
}

/** What people changed of what is automatic: '2 automatic marks accepted, 1 rejected, 1 channel bad'; null when nothing. */
export function answeredWords({
  answered,
  channelList,
}: Pick<RecordingDetail, 'answered' | 'channelList'>): string | null {
  const accepted = answered.filter(({ answer }) => answer === 'accepted').length;
  const rejected = answered.length - accepted;
  const bad = channelList.filter((channel) => channel.bad).length;
  const parts = [
    accepted > 0 ? `${plural(accepted, 'automatic mark')} accepted` : '',
    rejected > 0 ? `${plural(rejected, 'automatic mark')} rejected` : '',
    bad > 0 ? `${plural(bad, 'channel')} bad` : '',
  ].filter(Boolean);
  return parts.length > 0 ? `${parts.join(', ')} by hand` : null;
}

/** The newest distillate, or null before there is one. */
export async function newestDistillate(
  api: Pick<Api['datasets'], 'distillates'>,
  signal: AbortSignal,
): Promise<{ id: string; keep: number } | null> {
  const [first] = (await api.distillates(undefined, { signal })).toSorted((a, b) =>
    b.createdAt.localeCompare(a.createdAt),
  );
  return first ? { id: first.id, keep: first.keep } : null;
}

/** Why a mark cannot be taken away; null when it can. */
export function lockedBecause({ source, text }: MarkView): string | null {
  return source === 'file' ? `“${text}” is a mark of the file. Files are never changed.` : null;
}

/** Every setting as it is printed below the page. */
export function printedOf(viewer: Viewer): PrintedSetting[] {
  const { pxPerMm, calibrated } = preferences.current;
  return printedSettings(viewer.now, viewer.settings, {
    footer: viewer.footer,
    negativeUp: viewer.negativeUp,
    widthPx: viewer.widthPx,
    pxPerMm,
    calibrated,
    cut: viewer.cut,
    traces: viewer.drawn,
  });
}

/** 'C3, 00:12:10.352, −66 µV'. */
export function cursorWords({ cursorS, focus, drawn }: Pick<Viewer, 'cursorS' | 'focus' | 'drawn'>): string {
  const trace = drawn.find(({ name }) => name === focus);
  const value = trace && cursorS !== null ? valueAt(trace.pieces, cursorS) : null;
  const moment =
    cursorS === null ? '' : `${time(cursorS)}.${String(Math.floor((cursorS % 1) * 1000)).padStart(3, '0')}`;
  return [
    trace?.label ?? '',
    moment,
    value && trace
      ? pointText(trace, value, cursorS ?? 0)
          .slice(trace.label.length)
          .trim()
      : '',
  ]
    .filter(Boolean)
    .join(', ');
}
