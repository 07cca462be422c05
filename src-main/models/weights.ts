/** The parameters of a network: named tensors made once, with seeded values, saved and loaded by name. */
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#shared/errors.ts';
import type { Random } from '#shared/random.ts';
import type { Tensors } from '#shared/safetensors.ts';
import type { Initial } from './initial.ts';

export interface Parameter {
  name: string;
  variable: tf.Variable;
  /** Parameters of a group share one learning-rate multiplier; '' unless a scope said otherwise. */
  group: string;
}

/** What came of loading: everything by name, so that nothing goes missing silently. */
export interface WeightReport {
  loaded: number;
  of: number;
  /** In the network, not in the file. */
  missing: string[];
  /** In the file, not in the network. */
  unexpected: string[];
  mismatched: { name: string; expected: number[]; found: number[] }[];
}

interface Entry extends Parameter {
  trainable: boolean;
}

/**
 * Layers ask for their parameters when they are built; asking twice for a name is a fault. A parameter's first values depend
 * on the seed and its full name alone, not on what was made before.
 */
export class Weights {
  #entries: Map<string, Entry>;
  #random: Random;
  #prefix: string;
  #group: string;

  constructor(random: Random) {
    this.#entries = new Map();
    this.#random = random;
    this.#prefix = '';
    this.#group = '';
  }

  /** The same store under `prefix.`; a group given here holds for everything below it. */
  scope(prefix: string, group?: string): Weights {
    const inner = new Weights(this.#random);
    inner.#entries = this.#entries;
    inner.#prefix = `${this.#prefix}${prefix}.`;
    inner.#group = group ?? this.#group;
    return inner;
  }

  /** A trained parameter. */
  variable(name: string, shape: number[], initial: Initial): tf.Variable {
    const full = this.#prefix + name;
    return this.#add(name, shape, initial(sizeOf(shape), this.#random.fork(full)), true);
  }

  /** A tensor that is kept and saved but not trained: running means, tables. */
  buffer(name: string, shape: number[], value: number | Float32Array): tf.Variable {
    const data = typeof value === 'number' ? new Float32Array(sizeOf(shape)).fill(value) : value;
    return this.#add(name, shape, data, false);
  }

  #add(name: string, shape: number[], data: Float32Array, trainable: boolean): tf.Variable {
    const full = this.#prefix + name;
    if (this.#entries.has(full)) throw new AppError('internal', `Two parameters are called ${full}.`);
    const start = tf.tensor(data, shape);
    const variable = tf.variable(start, trainable);
    start.dispose();
    this.#entries.set(full, { name: full, variable, group: this.#group, trainable });
    return variable;
  }

  /** In the order they were made; of this scope when called on one. */
  trainable(): Parameter[] {
    return this.#own().filter(({ trainable }) => trainable);
  }

  /** Number of trained values. */
  count(): number {
    return this.trainable().reduce((sum, { variable }) => sum + variable.size, 0);
  }

  /** Copies to the host, buffers included; names are full names. */
  async save(): Promise<Tensors> {
    const tensors: Tensors = {};
    for (const { name, variable } of this.#own())
      tensors[name] = { shape: [...variable.shape], data: Float32Array.from(await variable.data()) };
    return tensors;
  }

  /**
   * Takes over what fits by name and shape; the rest keeps its values.
   *
   * @throws AppError 'invalid-input' when `strict` and anything is missing, unexpected or of another shape
   */
  load(tensors: Tensors, { strict = true }: { strict?: boolean } = {}): WeightReport {
    const own = this.#own();
    const report: WeightReport = {
      loaded: 0,
      of: own.length,
      missing: own.filter(({ name }) => !tensors[name]).map(({ name }) => name),
      unexpected: Object.keys(tensors).filter(
        (name) => name.startsWith(this.#prefix) && !this.#entries.has(name),
      ),
      mismatched: own.flatMap(({ name, variable }) => {
        const found = tensors[name]?.shape;
        return found && found.join() !== variable.shape.join()
          ? [{ name, expected: [...variable.shape], found: [...found] }]
          : [];
      }),
    };
    const wrong = [...report.missing, ...report.unexpected, ...report.mismatched.map(({ name }) => name)];
    if (strict && wrong.length > 0)
      throw new AppError(
        'invalid-input',
        `These weights belong to another network: ${wrong.length} tensors do not fit, first ${wrong[0]}. Choose weights of the same architecture and preset.`,
        { details: { ...report } },
      );
    const unfit = new Set(report.mismatched.map(({ name }) => name));
    for (const { name, variable } of own) {
      const tensor = tensors[name];
      if (!tensor || unfit.has(name)) continue;
      assign(variable, tensor.data);
      report.loaded++;
    }
    return report;
  }

  dispose(): void {
    for (const entry of this.#own()) {
      entry.variable.dispose();
      this.#entries.delete(entry.name);
    }
  }

  #own(): Entry[] {
    return [...this.#entries.values()].filter(({ name }) => name.startsWith(this.#prefix));
  }
}

/** Replaces a variable's values. Copied: native engines would otherwise see later changes of the array. */
export function assign(variable: tf.Variable, data: Float32Array): void {
  const fresh = tf.tensor(data.slice(), variable.shape);
  variable.assign(fresh);
  fresh.dispose();
}

function sizeOf(shape: number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
