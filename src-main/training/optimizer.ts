/**
 * AdamW on one flat vector: the parameters' values and moments lie end to end on the engine, so an update costs a dozen operations
 * however many parameters there are, and nothing is read back.
 */
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#shared/errors.ts';
import type { Tensors } from '#shared/safetensors.ts';
import type { Team } from './team.ts';
import { runFused } from '#main/models/fused.ts';
import type { Parameter } from '#main/models/weights.ts';

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

/** Loshchilov & Hutter 2019; bias-corrected as in PyTorch. Frozen parameters (rate 0) cost nothing. Holds tensors until disposed. */
export class AdamW implements Disposable {
  #parameters: Parameter[];
  #sizes: number[];
  #steps = 0;
  #beta1: number;
  #beta2: number;
  #epsilon: number;
  #clip: number;
  /** [n] each: values, first and second moments, and what multiplies the learning rate: in steps, in decay. */
  #values: tf.Variable<tf.Rank.R1>;
  #first: tf.Variable<tf.Rank.R1>;
  #second: tf.Variable<tf.Rank.R1>;
  #rates: tf.Tensor1D;
  #decays: tf.Tensor1D;
  /** Sum of the gradients of the coming update and [n] of 0 where no gradient came; both kept. */
  #gradient: tf.Tensor1D | undefined;
  #reached = new Set<string>();

  constructor(parameters: readonly Parameter[], options: AdamWOptions = {}) {
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0, clip = 0, rates = {} } = options;
    this.#beta1 = beta1;
    this.#beta2 = beta2;
    this.#epsilon = epsilon;
    this.#clip = clip;
    this.#parameters = parameters.filter(({ group }) => rates[group] !== 0);
    this.#sizes = this.#parameters.map(({ variable }) => variable.size);
    const rate = ({ group }: Parameter) => rates[group] ?? 1;
    this.#rates = this.#spread(rate);
    this.#decays = this.#spread((parameter) =>
      parameter.variable.rank > 1 ? rate(parameter) * weightDecay : 0,
    );
    const made = (values: tf.Tensor1D) => {
      const variable = tf.variable(values, false);
      values.dispose();
      return variable;
    };
    this.#values = made(this.#joined());
    this.#first = made(tf.zerosLike(this.#rates));
    this.#second = made(tf.zerosLike(this.#rates));
  }

  /** What to differentiate by. */
  get variables(): tf.Variable[] {
    return this.#parameters.map(({ variable }) => variable);
  }

  /**
   * Adds a share of gradients to those of the coming update, so that a batch can come in pieces.
   *
   * @param gradients by variable name, as `tf.variableGrads` gives them; a parameter without gradient is left as it is
   * @param share of the whole batch that these stand for
   */
  add(gradients: tf.NamedTensorMap, share = 1): void {
    const sum = tf.tidy(() => {
      const flat = tf.concat(
        this.#parameters.map(({ variable }) => {
          const gradient = gradients[variable.name];
          if (gradient) this.#reached.add(variable.name);
          return gradient ? tf.reshape(gradient, [-1]) : tf.zeros([variable.size]);
        }),
      ) as tf.Tensor1D;
      const part = share === 1 ? flat : tf.mul(flat, share);
      return tf.keep(this.#gradient ? tf.add(this.#gradient, part) : part) as tf.Tensor1D;
    });
    this.#gradient?.dispose();
    this.#gradient = sum;
  }

  /**
   * Sums what was added over a team.
   *
   * @param loss of this member's share
   * @returns the team's loss
   */
  async share(team: Team, loss: number): Promise<number> {
    const { size } = this.#values;
    const names = this.variables.map(({ name }) => name);
    // the gradient, the loss, and for each parameter whether it has a gradient
    const values = new Float32Array(size + 1 + names.length);
    if (this.#gradient) values.set(await this.#gradient.data());
    values[size] = loss;
    names.forEach((name, i) => (values[size + 1 + i] = Number(this.#reached.has(name))));
    await team.sum(values);
    this.#gradient?.dispose();
    this.#gradient = tf.tensor1d(values.slice(0, size));
    this.#reached = new Set(names.filter((_, i) => values[size + 1 + i]! > 0));
    return values[size]!;
  }

  /**
   * One update with what was added since the last.
   *
   * @returns the joint norm of the gradients before clipping, to be read when convenient: once it is not finite, neither are the weights
   */
  apply(learningRate: number): tf.Scalar {
    const summed = this.#gradient;
    if (!summed) throw new AppError('internal', 'An update was asked for without a gradient.');
    this.#steps++;
    const norm: tf.Scalar = tf.tidy(() => {
      const joint: tf.Scalar = tf.sqrt(tf.sum(tf.square(summed)));
      const gradient =
        this.#clip > 0 ? tf.mul(summed, tf.div(this.#clip, tf.maximum(joint, this.#clip))) : summed;
      const old = [this.#values, this.#first, this.#second];
      const fresh = this.#update(gradient as tf.Tensor1D, learningRate);
      const everywhere = this.#reached.size === this.#parameters.length;
      const reached = everywhere
        ? undefined
        : this.#spread(({ variable }) => Number(this.#reached.has(variable.name)));
      old.forEach((variable, i) => {
        const value = reached ? tf.where(tf.cast(reached, 'bool'), fresh[i]!, variable) : fresh[i]!;
        variable.assign(value as tf.Tensor1D);
      });
      this.#handOut();
      return joint;
    });
    summed.dispose();
    this.#gradient = undefined;
    this.#reached.clear();
    return norm;
  }

  /** Values and moments after the update, [n] each. */
  #update(gradient: tf.Tensor1D, learningRate: number): tf.Tensor[] {
    const [b1, b2, epsilon] = [this.#beta1, this.#beta2, this.#epsilon];
    const stepSize = learningRate / (1 - b1 ** this.#steps);
    const correction = 1 / Math.sqrt(1 - b2 ** this.#steps);
    const [values, first, second, rates, decays] = [
      this.#values,
      this.#first,
      this.#second,
      this.#rates,
      this.#decays,
    ];
    const fused = runFused(
      'AdamFlat',
      { values, gradient, first, second, rates, decays },
      { beta1: b1, beta2: b2, epsilon, learningRate, stepSize, correction },
    );
    if (fused) return fused;
    const m = tf.add(tf.mul(first, b1), tf.mul(gradient, 1 - b1));
    const v = tf.add(tf.mul(second, b2), tf.mul(tf.square(gradient), 1 - b2));
    const move = tf.div(tf.mul(m, tf.mul(rates, stepSize)), tf.add(tf.mul(tf.sqrt(v), correction), epsilon));
    const kept = tf.sub(values, tf.mul(values, tf.mul(decays, learningRate)));
    return [tf.sub(kept, move), m, v];
  }

  /** Cuts the flat values into the parameters' own variables. */
  #handOut(): void {
    const parts = tf.split(this.#values, this.#sizes);
    this.#parameters.forEach(({ variable }, i) => variable.assign(tf.reshape(parts[i]!, variable.shape)));
  }

  /** Takes the variables' values again after something else changed them (a loaded file, a norm limit). */
  refresh(): void {
    tf.tidy(() => this.#values.assign(this.#joined()));
  }

  /** Moments by parameter name, and the step count. */
  async save(): Promise<{ tensors: Tensors; steps: number }> {
    const moments = { first: await this.#first.data(), second: await this.#second.data() };
    const tensors: Tensors = {};
    this.#eachPlace(({ name, variable }, from, to) => {
      for (const [kind, data] of Object.entries(moments))
        tensors[`${name}/${kind}`] = {
          shape: [...variable.shape],
          data: Float32Array.from(data.subarray(from, to)),
        };
    });
    return { tensors, steps: this.#steps };
  }

  /** Continues from what `save` gave, once the weights themselves are loaded. @throws AppError 'invalid-input' */
  load({ tensors, steps }: { tensors: Tensors; steps: number }): void {
    for (const [kind, variable] of [
      ['first', this.#first],
      ['second', this.#second],
    ] as const) {
      const joined = new Float32Array(variable.size);
      this.#eachPlace(({ name }, from, to) => {
        const data = tensors[`${name}/${kind}`]?.data;
        if (data?.length !== to - from)
          throw new AppError(
            'invalid-input',
            `The checkpoint has no moments for ${name}; start the step again without it.`,
          );
        joined.set(data, from);
      });
      tf.tidy(() => variable.assign(tf.tensor1d(joined)));
    }
    this.#steps = steps;
    this.refresh();
  }

  [Symbol.dispose](): void {
    for (const tensor of [this.#values, this.#first, this.#second, this.#rates, this.#decays, this.#gradient])
      tensor?.dispose();
  }

  #eachPlace(visit: (parameter: Parameter, from: number, to: number) => void): void {
    let from = 0;
    for (const parameter of this.#parameters) {
      visit(parameter, from, from + parameter.variable.size);
      from += parameter.variable.size;
    }
  }

  #joined(): tf.Tensor1D {
    return tf.tidy(() =>
      tf.concat(this.#parameters.map(({ variable }) => tf.reshape(variable, [-1]))),
    ) as tf.Tensor1D;
  }

  /** One value per parameter, repeated over its place: [n]. */
  #spread(value: (parameter: Parameter) => number): tf.Tensor1D {
    const values = new Float32Array(this.#sizes.reduce((sum, size) => sum + size, 0));
    this.#eachPlace((parameter, from, to) => values.fill(value(parameter), from, to));
    return tf.tensor1d(values);
  }
}
