/** The training loop: steps, held-out checks, best weights, checkpoints, stopping; resumed runs equal uninterrupted ones. */
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#shared/errors.ts';
import type { Checkpoint, CheckpointStore, Progress } from '#shared/jobs.ts';
import type { Random } from '#shared/random.ts';
import type { Tensors } from '#shared/safetensors.ts';
import type { Mode } from '#main/models/layers/layer.ts';
import { readValues } from '#main/models/read-values.ts';
import type { Weights } from '#main/models/weights.ts';
import type { BatchOrder } from './batches.ts';
import type { AdamW } from './optimizer.ts';
import type { Schedule } from './schedule.ts';
import { alone, isLeader, type Team } from './team.ts';

export interface TrainPlan<Batch> {
  weights: Weights;
  optimizer: AdamW;
  schedule: Schedule;
  order: BatchOrder;
  passes: number;
  /** Stops earlier after this many steps; 0 or absent: as many as the passes need. */
  maxSteps?: number;
  /** Each step gets its own fork, so nothing of it needs saving. */
  random: Random;
  /** Fetches a batch; arrays, not tensors: the loop cannot free tensors made here. */
  load(rows: Uint32Array, step: number): Promise<Batch> | Batch;
  /**
   * Cuts a batch that is too large for the memory, or among a team; gradients are summed, so only batch norm notices. `share` of the
   * whole, 1 in all.
   *
   * @param atLeast so many pieces where the batch allows
   */
  pieces?(batch: Batch, atLeast: number): { part: Batch; share: number }[];
  /** Mean loss of a batch. Everything it makes is freed. */
  loss(batch: Batch, mode: Mode): tf.Scalar;
  /** After every pass; smaller is better. Frees its own tensors. */
  evaluate?(mode: Mode): Promise<number>;
  /** After every step, to bring weights back into limits. Call `optimizer.refresh()` if it changed a variable. */
  constrain?(): void;
  /** Ends after this many passes without a better held-out value; 0 or absent: never. */
  patience?: number;
  /** Name of the curves, 'Loss' when absent. */
  series?: string;
  progress: Progress;
  /** Who shares the work; alone when absent. The first member tells, checks and saves. */
  team?: Team;
  checkpoints?: CheckpointStore;
  /** Steps between checkpoints; besides, one after every pass. 0 or absent: only those. */
  checkpointEvery?: number;
}

export interface CurvePoint {
  split: 'training' | 'held-out';
  /** Passes done. */
  x: number;
  value: number;
}

export interface Trained {
  /** Steps done, over all sittings. */
  steps: number;
  passes: number;
  ended: 'done' | 'no-gain' | 'by-hand';
  history: CurvePoint[];
  /** Held-out best, whose weights are in place now; null without `evaluate`. */
  best: { pass: number; value: number } | null;
}

interface State {
  step: number;
  optimizerSteps: number;
  history: CurvePoint[];
  best: { pass: number; value: number } | null;
  /** Sum and count of the losses since the last training point. */
  running: [number, number];
}

/**
 * Trains until the passes are done, nothing gets better, or the user stops; the best weights (or, without `evaluate`, the last) stay in `weights`.
 *
 * @throws AppError 'cancelled' within one step of the signal, 'diverged' when loss or gradient is not finite, 'no-data' when there is no batch
 */
export async function trainLoop<Batch>(plan: TrainPlan<Batch>): Promise<Trained> {
  const { order, progress, weights, optimizer, team = alone } = plan;
  if (order.stepsPerPass === 0)
    throw new AppError('no-data', 'There is nothing to learn from; choose more segments.');
  const all = plan.passes * order.stepsPerPass;
  const total = plan.maxSteps ? Math.min(all, plan.maxSteps) : all;
  const pointEvery = Math.max(1, Math.round(order.stepsPerPass / 4));
  let best: Tensors | null = null;
  let state: State = { step: 0, optimizerSteps: 0, history: [], best: null, running: [0, 0] };

  const resumed = await plan.checkpoints?.load();
  if (resumed) {
    state = resumed.state as unknown as State;
    const saved = part(resumed.tensors, 'weights/');
    weights.load(saved);
    optimizer.load({ tensors: part(resumed.tensors, 'moments/'), steps: state.optimizerSteps });
    if (state.best) best = part(resumed.tensors, 'best/');
    for (const { split, x, value } of state.history) report(split, x, value);
  }

  function report(split: CurvePoint['split'], x: number, value: number) {
    progress.report({ type: 'metric', series: plan.series ?? 'Loss', split, x, value });
  }
  function point(split: CurvePoint['split'], x: number, value: number) {
    state.history.push({ split, x, value });
    report(split, x, value);
  }
  async function save() {
    if (!plan.checkpoints || !isLeader(team)) return;
    const moments = await optimizer.save();
    state.optimizerSteps = moments.steps;
    const tensors: Checkpoint['tensors'] = {
      ...prefixed('weights/', await weights.save()),
      ...prefixed('moments/', moments.tensors),
      ...prefixed('best/', best ?? {}),
    };
    await plan.checkpoints.save({
      tensors,
      state: structuredClone(state) as unknown as Record<string, unknown>,
    });
  }

  let ended: Trained['ended'] | undefined;
  for (;;) {
    await breathe();
    throwIfCancelled(progress);
    ended = endings[await team.agree(endings.indexOf(endNow()))];
    if (ended) break;
    const { step } = state;
    const batch = await plan.load(order.at(step), step);
    const loss = await descend(plan, team, batch, step);
    plan.constrain?.();
    state.step++;
    state.running = [state.running[0] + loss, state.running[1] + 1];
    const passes = state.step / order.stepsPerPass;
    const passDone = state.step % order.stepsPerPass === 0;
    if (state.step % pointEvery === 0 || state.step === total || passDone) {
      point('training', passes, state.running[0] / state.running[1]);
      state.running = [0, 0];
    }
    progress.report({ type: 'progress', done: state.step, total, unit: 'steps' });
    if (plan.evaluate && isLeader(team) && (passDone || state.step === total)) {
      const value = await plan.evaluate({ training: false, random: plan.random.fork(`check ${step}`) });
      point('held-out', passes, value);
      if (!state.best || value < state.best.value) {
        state.best = { pass: passes, value };
        best = await weights.save();
      }
    }
    if (passDone || state.step === total || (plan.checkpointEvery && state.step % plan.checkpointEvery === 0))
      await save();
  }
  if (best) {
    weights.load(best);
    optimizer.refresh();
  }
  const passes = state.step / order.stepsPerPass;
  return { steps: state.step, passes, ended, history: state.history, best: state.best };

  function endNow(): Trained['ended'] | undefined {
    const { step, best } = state;
    const since = best && step - Math.round(best.pass * order.stepsPerPass);
    if (plan.patience && since && since >= plan.patience * order.stepsPerPass) return 'no-gain';
    if (step >= total) return 'done';
    return progress.stopRequested() ? 'by-hand' : undefined;
  }
}

/** As numbers, for the team to agree on. */
const endings = [undefined, 'done', 'no-gain', 'by-hand'] as const;

/** One step: loss, gradients, update. Alone, reads back only loss and norm of the gradients, at its end; leaves no tensor behind. */
async function descend<Batch>(
  plan: TrainPlan<Batch>,
  team: Team,
  batch: Batch,
  step: number,
): Promise<number> {
  const { optimizer } = plan;
  const random = plan.random.fork(`step ${step}`);
  const pieces = plan.pieces?.(batch, team.size) ?? [{ part: batch, share: 1 }];
  const own = pieces.filter((_, i) => i % team.size === team.rank);
  const compute = () => {
    const losses = own.map(({ part, share }, i) =>
      tf.tidy(() => {
        const mode: Mode = { training: true, random: pieces.length > 1 ? random.fork(`piece ${i * team.size + team.rank}`) : random }; // prettier-ignore
        const { value, grads } = tf.variableGrads(() => plan.loss(part, mode), optimizer.variables);
        optimizer.add(grads, share);
        return tf.mul(value, share);
      }),
    );
    return losses.length > 0 ? tf.addN(losses) : tf.scalar(0);
  };
  const update = () => optimizer.apply(plan.schedule(step));
  let loss: number;
  let norm: number;
  if (team.size > 1) {
    loss = await optimizer.share(team, (await readValues(compute))[0]!);
    norm = (await readValues(update))[0]!;
  } else
    [loss, norm] = (await readValues(() => tf.stack([compute(), update()]))) as unknown as [number, number];
  if (!Number.isFinite(loss) || !Number.isFinite(norm))
    throw new AppError(
      'diverged',
      `The learning ran away: ${Number.isFinite(loss) ? 'a gradient' : 'the loss'} is no longer a finite number at step ${step + 1}. Use a smaller step size, or check the data for extreme values.`,
      { details: { step } },
    );
  return loss;
}

/** @throws AppError 'cancelled' */
export function throwIfCancelled(progress: Progress): void {
  if (progress.signal.aborted) throw new AppError('cancelled', 'Stopped; what was checkpointed is kept.');
}

/** Lets messages in (cancel, stop) between steps: tensor work itself never yields. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}

function prefixed(prefix: string, tensors: Tensors): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));
}

function part(tensors: Tensors, prefix: string): Tensors {
  return Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
}
