/** What a layer is: a function from tensor to tensor that knows whether it is being trained and where its chance comes from. */
import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '#shared/random.ts';

export interface Mode {
  training: boolean;
  /** Source of dropout masks: one fork per step makes a run reproducible. */
  random: Random;
}

export type Layer = (x: tf.Tensor, mode: Mode) => tf.Tensor;

/** Folds all axes but the last into rows: [.., d] → [n, d]. */
export function toRows(x: tf.Tensor): tf.Tensor2D {
  const width = x.shape.at(-1)!;
  return tf.reshape(x, [x.size / width, width]);
}
