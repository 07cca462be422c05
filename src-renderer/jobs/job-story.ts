/** What a run's curves and phases say, in words: is it learning, what if it is stopped now, how long each phase took. */
import type { JobRecord } from '#shared/jobs.ts';
import type { Curve, Estimate } from '#shared/views.ts';
import { progressDetail } from '../job-words.ts';
import type { Phase } from '../ui/phase.ts';
import { duration, durationRange, figure } from '../words.ts';
import type { Noted } from './job-watch.svelte.ts';

export interface Line {
  level: 'info' | 'ok' | 'warning' | 'error';
  text: string;
}

/** The curve a run is about: the first that was learned by, in both its splits; taken up again, a run may test before it learns. */
export function mainCurve(
  curves: readonly Curve[],
): { series: string; training: Curve | null; heldOut: Curve | null } | null {
  const drawn = curves.filter(({ x }) => x.length > 0);
  const first = drawn.find(({ split }) => split === 'training') ?? drawn[0];
  if (!first) return null;
  const of = (split: Curve['split']): Curve | null =>
    curves.find((curve) => curve.series === first.series && curve.split === split && curve.x.length > 0) ??
    null;
  return { series: first.series, training: of('training'), heldOut: of('held-out') };
}

/** The others, for small multiples. */
export function sideCurves(curves: readonly Curve[]): Curve[] {
  const main = mainCurve(curves);
  return curves.filter(({ series, x }) => x.length > 0 && series !== main?.series);
}

export function bestPoint({ x, y }: Curve): { x: number; y: number } {
  let at = 0;
  for (let i = 1; i < y.length; i++) if (y[i]! < y[at]!) at = i;
  return { x: x[at]!, y: y[at]! };
}

/** Phases with their times: taken from the events, to come from the estimate. `now` in milliseconds since 1970. */
export function phaseStrip(
  job: JobRecord,
  events: readonly Noted[],
  estimate: Estimate | null,
  now: number,
): Phase[] {
  const starts = new Map<number, number>();
  for (const { at, event } of events) if (event.type === 'phase') starts.set(event.index, Date.parse(at));
  const live = job.status === 'running';
  const good = job.status === 'done' || job.status === 'stopped';
  const end = job.endedAt === null ? now : Date.parse(job.endedAt);
  return job.phases.map((name, i) => {
    const guess = estimate?.phases[i];
    const expected = guess && guess.highS > 0.5 ? durationRange(guess.lowS, guess.highS) : undefined;
    if (i < job.phase || good) {
      const [from, to] = [starts.get(i), starts.get(i + 1) ?? (good ? end : undefined)];
      return {
        name,
        state: 'done',
        time: from !== undefined && to !== undefined ? duration((to - from) / 1000) : undefined,
      };
    }
    if (i > job.phase || job.status === 'queued') return { name, state: 'todo', time: expected };
    const from = starts.get(i);
    if (!live)
      return {
        name,
        state: 'lost',
        time: from === undefined ? undefined : `after ${duration((end - from) / 1000)}`,
      };
    const { progress } = job;
    return {
      name,
      state: 'now',
      share: progress && progress.total > 0 ? progress.done / progress.total : 0,
      aside: progressDetail(progress),
      time: timeLeft(job, from === undefined ? null : (now - from) / 1000, expected),
    };
  });
}

function timeLeft(job: JobRecord, spentS: number | null, expected: string | undefined): string {
  const left = job.etaS === null ? '' : `${durationRange(job.etaS * 0.85, job.etaS * 1.2)} left`;
  const spent = spentS === null || spentS < 2 ? '' : `${duration(spentS)} so far`;
  return [left, spent, expected ? `first guess ${expected}` : ''].filter(Boolean).join(' · ');
}

const patience = 8;

/** Is it learning? One line per thing that can be seen in the main curve. Nothing is said before there is enough to see. */
export function healthOf(curves: readonly Curve[]): Line[] {
  const main = mainCurve(curves);
  if (!main) return [];
  const lines: Line[] = [];
  const name = main.series.toLowerCase();
  const bad = curves.find(({ y }) => y.some((value) => !Number.isFinite(value)));
  if (bad)
    lines.push({
      level: 'error',
      text: `${bad.series} is no longer a number. This run cannot recover; stop it and lower the step size.`,
    });
  const watched = main.heldOut ?? main.training;
  if (!watched || watched.y.length < 2) {
    return [
      ...lines,
      {
        level: 'info',
        text: `The first points of ${name} are in. Whether it learns shows after a few passes.`,
      },
    ];
  }
  const who = watched.split === 'held-out' ? `Held-out ${name}` : capital(name);
  const best = bestPoint(watched);
  const since = watched.x.filter((x) => x > best.x).length;
  const reach = Math.min(5, watched.y.length - 1);
  const fall = watched.y[watched.y.length - 1 - reach]! - watched.y[watched.y.length - 1]!;
  if (since >= patience)
    lines.push({
      level: 'warning',
      text: `No gain for ${since} checks; stopping would lose nothing. The best was at pass ${figure(best.x)}.`,
    });
  else if (fall > 0)
    lines.push({
      level: 'ok',
      text: `${who} still falls: ${figure(fall, 2)} lower than ${reach} ${reach === 1 ? 'check' : 'checks'} ago. Best so far is pass ${figure(best.x)}.`,
    });
  else
    lines.push({
      level: 'info',
      text: `${who} has not fallen over the last ${reach} ${reach === 1 ? 'check' : 'checks'}. Best so far is pass ${figure(best.x)}.`,
    });
  if (main.training && main.heldOut && main.heldOut.y.length >= 4) {
    const gap = (at: number): number => main.heldOut!.y[at]! - nearest(main.training!, main.heldOut!.x[at]!);
    const last = main.heldOut.y.length - 1;
    const half = Math.floor(last / 2);
    const [then, now] = [gap(half), gap(last)];
    const drifting =
      now > 0 && now > 2 * Math.max(then, 0) && now > 0.15 * Math.abs(main.heldOut.y[last]!) && since >= 2;
    lines.push(
      drifting
        ? {
            level: 'warning',
            text: `Training and held-out drift apart (${figure(now, 2)}): it is learning by heart.`,
          }
        : {
            level: 'ok',
            text: `Training and held-out stay close (${figure(Math.abs(now), 2)} apart): no sign of learning by heart.`,
          },
    );
  }
  return lines;
}

/** What is kept if it ends now. */
export function ifStoppedNow(job: JobRecord, curves: readonly Curve[]): string {
  const learns = job.kind === 'pretrain' || job.kind === 'finetune' || job.kind === 'calibrate';
  const main = learns ? mainCurve(curves) : null;
  const watched = main?.heldOut ?? null;
  if (watched) {
    const best = bestPoint(watched);
    return `You keep the model of pass ${figure(best.x)}, the best so far (${figure(best.y)}), ready to use.`;
  }
  if (main?.training) return 'You keep what it has learned up to now, ready to use.';
  switch (job.kind) {
    case 'import':
      return 'You keep the recordings that were read so far; the rest can be added later.';
    case 'prepare':
    case 'distill':
    case 'export':
      return 'There is nothing complete to keep yet. Pausing keeps what was worked out, and it can go on later.';
    default:
      return 'Nothing is learned yet, so there is nothing to keep. Pausing costs nothing.';
  }
}

function nearest({ x, y }: Curve, at: number): number {
  let best = 0;
  for (let i = 1; i < x.length; i++) if (Math.abs(x[i]! - at) < Math.abs(x[best]! - at)) best = i;
  return y[best]!;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The log's lines, newest first: phases and notes with their minute. */
export function logLines(
  events: readonly Noted[],
  phases: readonly string[],
): { at: string; text: string; level: string }[] {
  return events
    .flatMap(({ at, event }) => {
      if (event.type === 'note') return [{ at, text: event.text, level: event.level }];
      if (event.type === 'phase')
        return [{ at, text: `${phases[event.index] ?? 'Next phase'} begins`, level: 'info' }];
      return [];
    })
    .reverse();
}

/** The planned end of the x axis: passes asked for, else what is there. */
export function plannedEnd(job: JobRecord, curves: readonly Curve[]): number {
  const furthest = Math.max(0, ...curves.flatMap(({ x }) => x.slice(-1)));
  const params = job.input['params'];
  const passes = typeof params === 'object' && params !== null && 'passes' in params ? params.passes : 0;
  return Math.max(furthest, typeof passes === 'number' && passes > 0 ? passes : 0, 1e-6);
}
