/** Matrix products: plain, with bias and activation, and those of convolutions. */
import * as tf from '@tensorflow/tfjs-core';
import { areFloats, replace, sizeOf, type Device, type Info } from './backend.ts';

interface Product {
  a: Info;
  b: Info;
  transposeA: boolean;
  transposeB: boolean;
  /** One value per column, or null. */
  bias: Info | null;
}

/** Activations that are one call on the finished product, by tfjs's name of them. */
const activations: Partial<Record<string, string>> = {
  relu: 'Relu',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
};

export function installProducts(device: Device): void {
  replace('BatchMatMul', (call, shipped) => {
    const { a, b } = call.inputs as { a: Info; b: Info };
    const attrs = call.attrs as unknown as { transposeA: boolean; transposeB: boolean };
    return multiply(device, { a, b, bias: null, ...attrs }) ?? shipped(call);
  });

  replace('_FusedMatMul', (call, shipped) => {
    const { a, b, bias = null } = call.inputs as { a: Info; b: Info; bias?: Info };
    const { transposeA, transposeB, activation } = call.attrs as unknown as {
      transposeA: boolean;
      transposeB: boolean;
      activation: string;
    };
    const then = activations[activation];
    if (!then && activation !== 'linear') return shipped(call);
    const out = multiply(device, { a, b, transposeA, transposeB, bias });
    if (!out) return shipped(call);
    if (then) device.module[then]!(sizeOf(out.shape), device.at(out), device.at(out));
    return out;
  });
}

/** Undefined for what is left to the shipped kernel: other types, empty tensors, batches that broadcast on one axis of several. */
function multiply(device: Device, { a, b, transposeA, transposeB, bias }: Product): Info | undefined {
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
  const aOuter = a.shape.slice(0, -2);
  const bOuter = b.shape.slice(0, -2);
  const [aBatch, bBatch] = [sizeOf(aOuter), sizeOf(bOuter)];
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const n = transposeB ? bRows : bColumns;
  const alike = aBatch === 1 || bBatch === 1 || aOuter.join() === bOuter.join();
  if (!alike || !areFloats(a, b) || (bias && (!areFloats(bias) || sizeOf(bias.shape) !== n)))
    return undefined;
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(aOuter, bOuter);
  const out = device.output([...outer, m, n]);
  const left = [
    device.at(a),
    aBatch === 1 ? 0 : m * k,
    ...(transposeA ? [1, aColumns] : [aColumns, 1]),
  ] as const;
  const right = [
    device.at(b),
    bBatch === 1 ? 0 : k * n,
    ...(transposeB ? [1, bColumns] : [bColumns, 1]),
  ] as const;
  const rest = [device.at(out), 0, bias ? device.at(bias) : 0, scratchOf(device)] as const;
  const { product } = device.module;
  const batch = Math.max(aBatch, bBatch);
  if (n === 1 && !bias) {
    // A column of results is a row of the transposed product, which is made four values at a time.
    const turned = ([at, step, row, column]: readonly number[]) => [at!, step!, column!, row!];
    product!(batch, 1, m, k, ...turned(right), ...turned(left), ...rest);
  } else if (bBatch === 1 && !transposeA) product!(1, batch * m, n, k, ...left, ...right, ...rest);
  else product!(batch, m, n, k, ...left, ...right, ...rest);
  return out;
}

function scratchOf(device: Device): number {
  return device.scratch(device.module['productScratch']!());
}
