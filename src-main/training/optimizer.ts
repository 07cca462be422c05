/** AdamW over named parameters, on the host: the same arithmetic to the last bit whatever engine made the gradients. */
import type * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#shared/errors.ts';
import type { Tensors } from '#shared/safetensors.ts';
import { assign, type Parameter } from '#main/models/weights.ts';

export interface AdamWOptions {
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  /** Decoupled decay per unit of learning rate; never on tensors with fewer than two axes (biases, gains). */
  weightDecay?: number;
  /** Gradients are scaled down so that their joint norm is at most this; 0 for no limit. */
  clip?: number;
  /** Learning-rate multiplier by group; 1 where not given, 0 freezes. */
  rates?: Record<string, number>;
}

interface Slot {
  parameter: Parameter;
  /** Current values; the variable holds a copy. */
  value: Float32Array;
  /** Sum of the gradients of the coming update; old values unless `touched`. */
  gradient: Float32Array;
  touched: boolean;
  first: Float32Array;
  second: Float32Array;
  rate: number;
  decay: number;
}

/** Loshchilov & Hutter 2019; bias-corrected as in PyTorch. Frozen parameters (rate 0) cost nothing. */
export class AdamW {
  #slots: Slot[];
  #steps = 0;
  #beta1: number;
  #beta2: number;
  #epsilon: number;
  #clip: number;

  constructor(parameters: readonly Parameter[], options: AdamWOptions = {}) {
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0, clip = 0, rates = {} } = options;
    this.#beta1 = beta1;
    this.#beta2 = beta2;
    this.#epsilon = epsilon;
    this.#clip = clip;
    this.#slots = parameters
      .filter(({ group }) => rates[group] !== 0)
      .map((parameter) => ({
        parameter,
        value: new Float32Array(parameter.variable.dataSync()),
        gradient: new Float32Array(parameter.variable.size),
        touched: false,
        first: new Float32Array(parameter.variable.size),
        second: new Float32Array(parameter.variable.size),
        rate: rates[parameter.group] ?? 1,
        decay: parameter.variable.rank > 1 ? weightDecay : 0,
      }));
  }

  /** What to differentiate by. */
  get variables(): tf.Variable[] {
    return this.#slots.map(({ parameter }) => parameter.variable);
  }

  /**
   * Adds a share of gradients to those of the coming update, so that a batch can come in pieces.
   *
   * @param gradients by variable name, as `tf.variableGrads` gives them; a parameter without gradient is left as it is
   * @param share of the whole batch that these stand for
   */
  add(gradients: tf.NamedTensorMap, share = 1): void {
    for (const slot of this.#slots) {
      const gradient = gradients[slot.parameter.variable.name]?.dataSync<'float32'>();
      if (!gradient) continue;
      const sum = slot.gradient;
      if (!slot.touched) {
        for (let i = 0; i < sum.length; i++) sum[i] = gradient[i]! * share;
      } else for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + gradient[i]! * share;
      slot.touched = true;
    }
  }

  /**
   * One update with what was added since the last.
   *
   * @returns the joint norm of the gradients before clipping
   * @throws AppError 'diverged' when a gradient is not finite; no weight has changed then
   */
  apply(learningRate: number): number {
    const touched = this.#slots.filter((slot) => slot.touched);
    for (const slot of touched) slot.touched = false;
    let square = 0;
    for (const { gradient } of touched)
      for (let i = 0; i < gradient.length; i++) square += gradient[i]! * gradient[i]!;
    const norm = Math.sqrt(square);
    if (!Number.isFinite(norm))
      throw new AppError(
        'diverged',
        'The learning ran away: a gradient is no longer a finite number. Use a smaller step size, or check the data for extreme values.',
        { details: { step: this.#steps } },
      );
    const shrink = this.#clip > 0 && norm > this.#clip ? this.#clip / norm : 1;
    this.#steps++;
    for (const slot of touched) this.#update(slot, shrink, learningRate * slot.rate);
    return norm;
  }

  /** `add` and `apply` in one, for a batch in one piece. */
  step(gradients: tf.NamedTensorMap, learningRate: number): number {
    this.add(gradients);
    return this.apply(learningRate);
  }

  #update({ parameter, value, gradient, first, second, decay }: Slot, shrink: number, rate: number) {
    const b1 = this.#beta1;
    const b2 = this.#beta2;
    const epsilon = this.#epsilon;
    const size = rate / (1 - b1 ** this.#steps);
    const correction = 1 / Math.sqrt(1 - b2 ** this.#steps);
    const keep = 1 - rate * decay;
    for (let i = 0; i < value.length; i++) {
      const g = gradient[i]! * shrink;
      const m = b1 * first[i]! + (1 - b1) * g;
      const v = b2 * second[i]! + (1 - b2) * g * g;
      first[i] = m;
      second[i] = v;
      value[i] = value[i]! * keep - (size * m) / (Math.sqrt(v) * correction + epsilon);
    }
    assign(parameter.variable, value);
  }

  /** Takes the variables' values again after something else changed them (a loaded file, a norm limit). */
  refresh(): void {
    for (const { parameter, value } of this.#slots) value.set(parameter.variable.dataSync());
  }

  /** Moments by parameter name, and the step count. */
  save(): { tensors: Tensors; steps: number } {
    const tensors: Tensors = {};
    for (const { parameter, first, second } of this.#slots) {
      const shape = [...parameter.variable.shape];
      tensors[`${parameter.name}/first`] = { shape, data: first.slice() };
      tensors[`${parameter.name}/second`] = { shape, data: second.slice() };
    }
    return { tensors, steps: this.#steps };
  }

  /** Continues from what `save` gave, once the weights themselves are loaded. @throws AppError 'invalid-input' */
  load({ tensors, steps }: { tensors: Tensors; steps: number }): void {
    for (const { parameter, first, second } of this.#slots) {
      for (const [name, into] of [
        ['first', first],
        ['second', second],
      ] as const) {
        const data = tensors[`${parameter.name}/${name}`]?.data;
        if (data?.length !== into.length)
          throw new AppError(
            'invalid-input',
            `The checkpoint has no moments for ${parameter.name}; start the step again without it.`,
          );
        into.set(data);
      }
    }
    this.#steps = steps;
    this.refresh();
  }
}
