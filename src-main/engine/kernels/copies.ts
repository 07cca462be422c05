/** Clones, slices, joins, padding, transposes: what only moves values. */
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#shared/errors.ts';
import { areFloats, register, replace, sizeOf, type Device, type Info } from './backend.ts';

export function installCopies(device: Device): void {
  const { at, backend, module, output } = device;
  const copyBox = module['copyBox']!;

  replace('Identity', ({ inputs }) => {
    // The shipped kernel copies, and every tensor saved for a gradient is a clone.
    const { dataId, shape, dtype } = inputs['x']!;
    backend.incRef(dataId);
    return { dataId, shape, dtype };
  });

  replace('Slice', (call, shipped) => {
    // The shipped kernel first copies the whole input out of its memory.
    const x = call.inputs['x']!;
    const { begin, size } = call.attrs as unknown as { begin: number | number[]; size: number | number[] };
    const [from, extent] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, size);
    const box = x.dtype === 'float32' ? boxOf(x.shape, from, extent) : undefined;
    if (!box || sizeOf(extent) === 0) return shipped(call);
    const out = output(extent);
    const { outer, inner, run, offset, outerStep, innerStep } = box;
    copyBox(outer, inner, run, at(x) + 4 * offset, outerStep, innerStep, at(out), inner * run, run);
    return out;
  });

  /** Cuts an axis into pieces; `shapeOf` a piece of that size. */
  function split(x: Info, along: number, sizes: number[], shapeOf: (size: number) => number[]): Info[] {
    const outer = sizeOf(x.shape.slice(0, along));
    const width = sizeOf(x.shape.slice(along + 1));
    let from = at(x);
    return sizes.map((size) => {
      const out = output(shapeOf(size));
      const run = size * width;
      if (run > 0) copyBox(1, outer, run, from, 0, x.shape[along]! * width, at(out), 0, run);
      from += 4 * run;
      return out;
    });
  }

  replace('SplitV', (call, shipped) => {
    const x = call.inputs['x']!;
    const { numOrSizeSplits, axis } = call.attrs as unknown as {
      numOrSizeSplits: number[] | number;
      axis: number;
    };
    if (!areFloats(x)) return shipped(call);
    const along = tf.util.parseAxisParam(axis, x.shape)[0]!;
    const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, along);
    return split(x, along, sizes, (size) => x.shape.with(along, size));
  });

  replace('Unpack', (call, shipped) => {
    const x = call.inputs['value']!;
    if (!areFloats(x)) return shipped(call);
    const along = tf.util.parseAxisParam((call.attrs as unknown as { axis: number }).axis, x.shape)[0]!;
    const ones = Array<number>(x.shape[along]!).fill(1);
    return split(x, along, ones, () => x.shape.toSpliced(along, 1));
  });

  replace('Concat', (call, shipped) => {
    const all = call.inputs as unknown as Info[];
    const first = all[0]!;
    const along = tf.util.parseAxisParam((call.attrs as unknown as { axis: number }).axis, first.shape)[0]!;
    if (!areFloats(...all)) return shipped(call);
    tf.backend_util.assertParamsConsistent(
      all.map(({ shape }) => shape),
      along,
    );
    const outer = sizeOf(first.shape.slice(0, along));
    const width = sizeOf(first.shape.slice(along + 1));
    const total = all.reduce((sum, { shape }) => sum + shape[along]!, 0);
    const out = output(first.shape.with(along, total));
    let to = at(out);
    for (const part of all) {
      const run = part.shape[along]! * width;
      copyBox(1, outer, run, at(part), 0, run, to, 0, total * width);
      to += 4 * run;
    }
    return out;
  });

  replace('PadV2', (call, shipped) => {
    const x = call.inputs['x']!;
    const { paddings, constantValue } = call.attrs as unknown as {
      paddings: [number, number][];
      constantValue: number;
    };
    const shape = x.shape.map((n, axis) => n + paddings[axis]![0] + paddings[axis]![1]);
    const before = paddings.map(([count]) => count);
    const box = areFloats(x) ? boxOf(shape, before, x.shape) : undefined;
    if (!box) return shipped(call);
    const out = output(shape);
    const { outer, inner, run, offset, outerStep, innerStep } = box;
    if (outer === 1 && inner * innerStep === sizeOf(shape)) {
      // Padded along one axis only: just the edges are filled.
      module['fillBox']!(inner, offset, constantValue, at(out), innerStep);
      const after = offset + run;
      module['fillBox']!(inner, innerStep - after, constantValue, at(out) + 4 * after, innerStep);
    } else module['fillBox']!(1, sizeOf(shape), constantValue, at(out), 0);
    copyBox(outer, inner, run, at(x), inner * run, run, at(out) + 4 * offset, outerStep, innerStep);
    return out;
  });

  replace('Transpose', (call, shipped) => {
    const x = call.inputs['x']!;
    const { perm } = call.attrs as unknown as { perm: number[] };
    const axes = areFloats(x) ? permutedAxes(x.shape, perm) : undefined;
    if (!axes) return shipped(call);
    const out = output(perm.map((axis) => x.shape[axis]!));
    module['permute']!(...axes.sizes, at(x), ...axes.steps, at(out));
    return out;
  });

  register('UnsortedSegmentSum', (call) => {
    const { x, segmentIds } = call.inputs as { x: Info; segmentIds: Info };
    const { numSegments } = call.attrs as unknown as { numSegments: number };
    if (x.dtype !== 'float32' || segmentIds.dtype !== 'int32')
      throw new AppError('unsupported', 'Sums by segment are there for float32 values and int32 segments.');
    const kept = x.shape.slice(segmentIds.shape.length);
    const out = output([numSegments, ...kept]);
    module['segmentSum']!(
      sizeOf(segmentIds.shape),
      sizeOf(kept),
      numSegments,
      at(x),
      at(segmentIds),
      at(out),
    );
    return out;
  });
}

/**
 * A box inside an array as `outer` × `inner` runs of `run` values; undefined when it needs more than two loops.
 *
 * @param shape  of the array
 * @param from   first index of the box per axis
 * @param extent of the box per axis
 */
export function boxOf(shape: number[], from: number[], extent: number[]) {
  // Axes that are taken whole join the one before them.
  const axes: { size: number; from: number; extent: number }[] = [];
  shape.forEach((size, axis) => {
    const last = axes.at(-1);
    const whole = from[axis] === 0 && extent[axis] === size;
    if (last && whole) {
      last.size *= size;
      last.from *= size;
      last.extent *= size;
    } else if (last && last.size === 1) {
      axes[axes.length - 1] = { size, from: from[axis]!, extent: extent[axis]! };
    } else axes.push({ size, from: from[axis]!, extent: extent[axis]! });
  });
  if (axes.length > 3) return undefined;
  while (axes.length < 3) axes.unshift({ size: 1, from: 0, extent: 1 });
  const [outer, inner, run] = axes as [(typeof axes)[0], (typeof axes)[0], (typeof axes)[0]];
  const innerStep = run.size;
  const outerStep = inner.size * innerStep;
  return {
    outer: outer.extent,
    inner: inner.extent,
    run: run.extent,
    offset: outer.from * outerStep + inner.from * innerStep + run.from,
    outerStep,
    innerStep,
  };
}

/** A transpose as five nested axes of the result, with their steps in the source; undefined when it needs more. */
export function permutedAxes(shape: readonly number[], perm: readonly number[]) {
  const steps = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const axes: { size: number; step: number }[] = [];
  for (const axis of perm) {
    const [size, step] = [shape[axis]!, steps[axis]!];
    if (size === 1) continue;
    const last = axes.at(-1);
    // Neighbours that stay neighbours move as one axis.
    if (last && last.step === size * step) {
      last.size *= size;
      last.step = step;
    } else axes.push({ size, step });
  }
  if (axes.length > 5) return undefined;
  if (axes.length === 0) axes.push({ size: 1, step: 1 });
  while (axes.length < 5) axes.unshift({ size: 1, step: 0 });
  return { sizes: axes.map(({ size }) => size), steps: axes.map(({ step }) => step) };
}
