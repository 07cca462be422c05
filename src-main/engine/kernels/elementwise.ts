/** Functions of one value and of two with broadcasting. */
import * as tf from '@tensorflow/tfjs-core';
import { areFloats, replace, sizeOf, type Device, type Info } from './backend.ts';

const ofOne = ['Exp', 'Erf', 'Tanh', 'Sigmoid', 'Square', 'Sqrt', 'Rsqrt', 'Relu', 'Neg', 'Elu'];
const ofTwo = ['Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'Minimum', 'SquaredDifference'];

export function installElementwise(device: Device): void {
  const { at, module, output } = device;
  for (const name of ofOne)
    replace(name, (call, shipped) => {
      const x = call.inputs['x']!;
      if (!areFloats(x)) return shipped(call);
      const out = output(x.shape);
      module[name]!(sizeOf(x.shape), at(x), at(out));
      return out;
    });
  for (const name of ofTwo)
    replace(name, (call, shipped) => {
      const { a, b } = call.inputs as { a: Info; b: Info };
      const steps = areFloats(a, b) ? broadcastSteps(a.shape, b.shape) : undefined;
      if (!steps) return shipped(call);
      const out = output(steps.shape);
      module[name]!(...steps.sizes, at(a), ...steps.left, at(b), ...steps.right, at(out));
      return out;
    });
  replace('EluGrad', (call, shipped) => {
    const { dy, y } = call.inputs as { dy: Info; y: Info };
    if (!areFloats(dy, y)) return shipped(call);
    const out = output(y.shape);
    const n = sizeOf(y.shape);
    module['EluGrad']!(1, 1, n, at(dy), n, n, 1, at(y), n, n, 1, at(out));
    return out;
  });
  replace('Step', (call, shipped) => {
    const x = call.inputs['x']!;
    if (!areFloats(x)) return shipped(call);
    const out = output(x.shape);
    module['Step']!(sizeOf(x.shape), at(x), (call.attrs as unknown as { alpha: number }).alpha, at(out));
    return out;
  });
}

/**
 * How two arrays broadcast, as three nested loops: sizes and the steps of either side; undefined when it needs more.
 *
 * @throws Error when the shapes do not broadcast
 */
export function broadcastSteps(a: readonly number[], b: readonly number[]) {
  const shape = tf.broadcast_util.assertAndGetBroadcastShape([...a], [...b]);
  const loops: { size: number; left: number; right: number }[] = [];
  let [left, right] = [1, 1];
  for (let i = 1; i <= shape.length; i++) {
    const [size, sizeA, sizeB] = [shape.at(-i)!, a.at(-i) ?? 1, b.at(-i) ?? 1];
    const loop = { size, left: sizeA === 1 ? 0 : left, right: sizeB === 1 ? 0 : right };
    left *= sizeA;
    right *= sizeB;
    if (size === 1) continue;
    const inner = loops[0];
    // An axis that goes on where the one inside it ends is part of the same loop.
    if (inner && loop.left === inner.left * inner.size && loop.right === inner.right * inner.size)
      inner.size *= size;
    else loops.unshift(loop);
  }
  if (loops.length > 3) return undefined;
  if (loops.length === 0) loops.push({ size: 1, left: 1, right: 1 });
  while (loops.length < 3) loops.unshift({ size: 1, left: 0, right: 0 });
  return {
    shape,
    sizes: loops.map(({ size }) => size),
    left: loops.map((loop) => loop.left),
    right: loops.map((loop) => loop.right),
  };
}
