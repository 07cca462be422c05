/** Kernels of native TensorFlow that only move values: reshape, pad, slice, transpose, concat and split as strided copies. */
import * as tf from '@tensorflow/tfjs-core';
import { areFloats, replace, sizeOf, type Call, type Info, type Run } from './native-kernels.ts';

/** A block of one input on its way into the result. */
interface Block {
  input: Info;
  /** Where it begins, in values. */
  to: number;
  from: number;
  axes: { size: number; to: number; from: number }[];
}

export function replaceMoves(run: Run): void {
  replace('Reshape', (call) => {
    const { x } = call.inputs as { x: Info };
    if (x.dtype !== 'float32' && x.dtype !== 'int32') return undefined;
    const { shape } = call.attrs as unknown as { shape: number[] };
    return run(call, 'Reshape', [x], tf.util.inferFromImplicitShape(shape, sizeOf(x.shape)));
  });

  replace('PadV2', (call) => {
    const { x } = call.inputs as { x: Info };
    const { paddings, constantValue } = call.attrs as unknown as {
      paddings: [number, number][];
      constantValue: number;
    };
    if (!areFloats(x)) return undefined;
    const shape = x.shape.map((side, i) => side + paddings[i]![0] + paddings[i]![1]);
    const into = stepsOver(shape);
    const to = paddings.reduce((sum, [before], i) => sum + before * into[i]!, 0);
    return move(call, run, shape, constantValue, [block(x, x.shape, into, to, 0)]);
  });

  replace('Slice', (call) => {
    const { x } = call.inputs as { x: Info };
    const { begin, size } = call.attrs as unknown as { begin: number[]; size: number[] };
    const [first, shape] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, size);
    if (!areFloats(x) || sizeOf(shape) === 0) return undefined;
    const from = first.reduce((sum, place, i) => sum + place * stepsOver(x.shape)[i]!, 0);
    return move(call, run, shape!, undefined, [block(x, shape!, stepsOver(shape!), 0, from)]);
  });

  replace('Transpose', (call) => {
    const { x } = call.inputs as { x: Info };
    const { perm } = call.attrs as unknown as { perm: number[] };
    // Short runs of values: TensorFlow's own turns squares of them.
    if (!areFloats(x) || perm.at(-1) !== perm.length - 1 || x.shape.at(-1)! < 4) return undefined;
    const shape = perm.map((axis) => x.shape[axis]!);
    const source = stepsOver(x.shape);
    const into = stepsOver(shape);
    const axes = perm.map((axis, i) => ({ size: shape[i]!, to: into[i]!, from: source[axis]! }));
    return move(call, run, shape, undefined, [{ input: x, to: 0, from: 0, axes }]);
  });

  replace('Concat', (call) => {
    const inputs = Object.values(call.inputs) as Info[];
    const first = inputs[0]!;
    const axis = tf.util.parseAxisParam((call.attrs as { axis: number }).axis, first.shape)[0]!;
    if (!areFloats(...inputs)) return undefined;
    const shape = [...first.shape];
    shape[axis] = inputs.reduce((sum, each) => sum + each.shape[axis]!, 0);
    const into = stepsOver(shape);
    let to = 0;
    const blocks = inputs.map((each) => {
      const here = to;
      to += each.shape[axis]! * into[axis]!;
      return block(each, each.shape, into, here, 0);
    });
    return move(call, run, shape, undefined, blocks);
  });

  replace('SplitV', (call) => {
    const { x } = call.inputs as { x: Info };
    const { numOrSizeSplits, axis } = call.attrs as unknown as {
      numOrSizeSplits: number | number[];
      axis: number;
    };
    const along = tf.util.parseAxisParam(axis, x.shape)[0]!;
    const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, along);
    // A single part would come back as no list.
    if (!areFloats(x) || sizes.length < 2 || sizes.includes(0)) return undefined;
    let from = 0;
    return sizes.flatMap((size) => {
      const shape = x.shape.with(along, size);
      const here = from;
      from += size * stepsOver(x.shape)[along]!;
      return move(call, run, shape, undefined, [block(x, shape, stepsOver(shape), 0, here)]);
    });
  });
}

/** @param filler what the result holds where no block goes; undefined when blocks cover all of it */
function move(
  call: Call,
  run: Run,
  shape: readonly number[],
  filler: number | undefined,
  blocks: Block[],
): Info[] {
  const numbers = [shape.length, ...shape, filler === undefined ? 0 : 1, filler ?? 0];
  for (const { to, from, axes } of blocks) {
    numbers.push(to, from, axes.length);
    for (const axis of axes) numbers.push(axis.size, axis.to, axis.from);
  }
  return run(
    call,
    'Move',
    blocks.map(({ input }) => input),
    numbers,
  );
}

/** Of `sizes` values along each axis of the input. */
function block(
  input: Info,
  sizes: readonly number[],
  into: readonly number[],
  to: number,
  from: number,
): Block {
  const source = stepsOver(input.shape);
  return { input, to, from, axes: sizes.map((size, i) => ({ size, to: into[i]!, from: source[i]! })) };
}

/** Values from one place to the next along each axis. */
function stepsOver(shape: readonly number[]): number[] {
  return shape.map((_, i) => sizeOf(shape.slice(i + 1)));
}
