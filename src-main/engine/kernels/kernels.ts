/** Puts our kernels in place of those of the wasm backend that make training slow: products, clones, slices, joins, padding. */
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#shared/errors.ts';
import { assemble } from './assembler.ts';
import { copyFunction } from './copy.ts';
import { panelBytes, productFunctions } from './product.ts';
import { rowFunctions, rowOperations } from './rows.ts';

type Info = tf.TensorInfo;
type Call = Parameters<tf.KernelFunc>[0];

interface WasmBackend {
  wasm: { asm?: { memory?: WebAssembly.Memory }; _malloc(bytes: number): number };
  dataIdMap: { get(dataId: object): { memoryOffset: number } };
  makeOutput(shape: number[], dtype: string): Info;
  typedArrayFromHeap(tensor: Info): Float32Array;
  incRef(dataId: object): void;
  disposeData(dataId: object): void;
}

/** What the assembled module offers; all arguments are 32-bit integers. */
interface Module extends Record<(typeof rowOperations)[number], (...args: number[]) => void> {
  product(...args: number[]): void;
  sumRows(...args: number[]): void;
  copyBox(...args: number[]): void;
}

/**
 * Call once, after the wasm backend has started.
 *
 * @throws AppError 'engine-failed' when the backend does not show its memory (another version than the one tested)
 */
export async function installKernels(): Promise<void> {
  const backend = tf.backend() as unknown as WasmBackend;
  const memory = backend.wasm.asm?.memory;
  if (!memory)
    throw new AppError(
      'engine-failed',
      'The wasm engine has another inside than expected; reinstall Limbeck or choose cpu.',
    );
  const { instance } = await WebAssembly.instantiate(
    assemble([...productFunctions(), copyFunction(), ...rowFunctions()]),
    {
      env: { memory },
    },
  );
  const module = instance.exports as unknown as Module;
  const panel = backend.wasm._malloc(panelBytes);
  const at = (tensor: Info) => backend.dataIdMap.get(tensor.dataId).memoryOffset;

  replace('Identity', ({ inputs }) => {
    // The shipped kernel copies, and every tensor saved for a gradient is a clone.
    const { dataId, shape, dtype } = inputs['x']!;
    backend.incRef(dataId);
    return { dataId, shape, dtype };
  });

  replace('BatchMatMul', (call, shipped) => {
    const { a, b } = call.inputs as { a: Info; b: Info };
    const { transposeA, transposeB } = call.attrs as unknown as { transposeA: boolean; transposeB: boolean };
    const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
    const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
    const aBatch = sizeOf(a.shape.slice(0, -2));
    const bBatch = sizeOf(b.shape.slice(0, -2));
    const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
    const n = transposeB ? bRows : bColumns;
    const outer = (aBatch >= bBatch ? a : b).shape.slice(0, -2);
    const plain = aBatch === bBatch ? a.shape.slice(0, -2).join() === b.shape.slice(0, -2).join() : true;
    const simple = plain && (aBatch === bBatch || aBatch === 1 || bBatch === 1);
    if (a.dtype !== 'float32' || b.dtype !== 'float32' || !simple || m * n * k === 0) return shipped(call);
    const batch = Math.max(aBatch, bBatch);
    const out = backend.makeOutput([...outer, m, n], 'float32');
    const [aRow, aColumn] = transposeA ? [4, aColumns * 4] : [aColumns * 4, 4];
    const [bRow, bColumn] = transposeB ? [4, bColumns * 4] : [bColumns * 4, 4];
    module.product(
        batch, m, n, k,
        at(a), aBatch === 1 ? 0 : m * k * 4, aRow, aColumn,
        at(b), bBatch === 1 ? 0 : k * n * 4, bRow, bColumn,
        at(out), panel,
      ); // prettier-ignore
    return out;
  });

  replace('Sum', (call, shipped) => {
    // The shipped kernel transposes the input to sum over leading axes.
    const x = call.inputs['x']!;
    const { axis, keepDims } = call.attrs as unknown as { axis: number | number[]; keepDims: boolean };
    const axes = tf.util.parseAxisParam(axis, x.shape);
    const leading = axes.every((value, i) => value === i) && axes.length < x.shape.length;
    const rows = sizeOf(x.shape.slice(0, axes.length));
    const width = sizeOf(x.shape.slice(axes.length));
    if (x.dtype !== 'float32' || !leading || width < 4 || rows === 0) return shipped(call);
    const kept = x.shape.slice(axes.length);
    const out = backend.makeOutput(keepDims ? [...axes.map(() => 1), ...kept] : kept, 'float32');
    module.sumRows(rows, width, at(x), at(out));
    return out;
  });

  for (const operation of rowOperations)
    replace(operation, (call, shipped) => {
      // [.., n] with [n]: the shipped kernel goes row by row, at a cost that dwarfs narrow rows.
      const { a, b } = call.inputs as { a: Info; b: Info };
      const width = a.shape.at(-1) ?? 0;
      const narrow = b.shape.length === 1 && b.shape[0] === width && a.shape.length > 1;
      if (a.dtype !== 'float32' || b.dtype !== 'float32' || !narrow || width % 4 !== 0 || width === 0)
        return shipped(call);
      const out = backend.makeOutput(a.shape, 'float32');
      module[operation](sizeOf(a.shape) / width, width, at(a), at(b), at(out));
      return out;
    });

  replace('Slice', (call, shipped) => {
    // The shipped kernel first copies the whole input out of its memory.
    const x = call.inputs['x']!;
    const { begin, size } = call.attrs as unknown as { begin: number | number[]; size: number | number[] };
    const [from, extent] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, size);
    const layout = x.dtype === 'float32' ? boxOf(x.shape, from, extent) : undefined;
    if (!layout || sizeOf(extent) === 0) return shipped(call);
    const out = backend.makeOutput(extent, x.dtype);
    const { outer, inner, bytes, offset, outerStep, innerStep } = layout;
    module.copyBox(outer, inner, bytes, at(x) + offset, outerStep, innerStep, at(out), inner * bytes, bytes);
    return out;
  });

  replace('SplitV', (call, shipped) => {
    const x = call.inputs['x']!;
    const { numOrSizeSplits, axis } = call.attrs as unknown as {
      numOrSizeSplits: number[] | number;
      axis: number;
    };
    if (x.dtype !== 'float32' || sizeOf(x.shape) === 0) return shipped(call);
    const along = tf.util.parseAxisParam(axis, x.shape)[0]!;
    const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, along);
    const outer = sizeOf(x.shape.slice(0, along));
    const width = sizeOf(x.shape.slice(along + 1)) * 4;
    let from = at(x);
    return sizes.map((size) => {
      const out = backend.makeOutput(x.shape.with(along, size), x.dtype);
      const bytes = size * width;
      if (bytes > 0) module.copyBox(1, outer, bytes, from, 0, x.shape[along]! * width, at(out), 0, bytes);
      from += bytes;
      return out;
    });
  });

  replace('Concat', (call, shipped) => {
    const all = call.inputs as unknown as Info[];
    const first = all[0]!;
    const along = tf.util.parseAxisParam((call.attrs as unknown as { axis: number }).axis, first.shape)[0]!;
    if (all.some(({ dtype, shape }) => dtype !== 'float32' || sizeOf(shape) === 0)) return shipped(call);
    tf.backend_util.assertParamsConsistent(
      all.map(({ shape }) => shape),
      along,
    );
    const outer = sizeOf(first.shape.slice(0, along));
    const width = sizeOf(first.shape.slice(along + 1)) * 4;
    const total = all.reduce((sum, { shape }) => sum + shape[along]!, 0);
    const out = backend.makeOutput(first.shape.with(along, total), 'float32');
    let to = at(out);
    for (const part of all) {
      const bytes = part.shape[along]! * width;
      module.copyBox(1, outer, bytes, at(part), 0, bytes, to, 0, total * width);
      to += bytes;
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
    const layout =
      x.dtype === 'float32'
        ? boxOf(
            shape,
            paddings.map(([before]) => before),
            x.shape,
          )
        : undefined;
    if (!layout || sizeOf(x.shape) === 0) return shipped(call);
    const out = backend.makeOutput(shape, 'float32');
    const { outer, inner, bytes, offset, outerStep, innerStep } = layout;
    if (outer === 1 && inner > 1 && inner * innerStep === sizeOf(shape) * 4) {
      // Padded along one axis only: just the edges are filled.
      const edges = [
        [0, offset],
        [offset + bytes, innerStep - offset - bytes],
      ] as const;
      const widest = Math.max(offset, innerStep - offset - bytes);
      const filler = backend.makeOutput([widest / 4], 'float32');
      backend.typedArrayFromHeap(filler).fill(constantValue);
      for (const [start, width] of edges)
        if (width > 0) module.copyBox(1, inner, width, at(filler), 0, 0, at(out) + start, 0, innerStep);
      backend.disposeData(filler.dataId);
    } else backend.typedArrayFromHeap(out).fill(constantValue);
    module.copyBox(outer, inner, bytes, at(x), inner * bytes, bytes, at(out) + offset, outerStep, innerStep);
    return out;
  });
}

function replace(name: string, kernelFunc: (call: Call, shipped: tf.KernelFunc) => Info | Info[]): void {
  const kernel = tf.getKernel(name, 'wasm');
  tf.unregisterKernel(name, 'wasm');
  tf.registerKernel({ ...kernel, kernelFunc: (call) => kernelFunc(call, kernel.kernelFunc) });
}

/**
 * A box inside an array as `outer` × `inner` runs of `bytes`, steps in bytes; undefined when it needs more than two loops.
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
  const innerStep = run.size * 4;
  const outerStep = inner.size * innerStep;
  return {
    outer: outer.extent,
    inner: inner.extent,
    bytes: run.extent * 4,
    offset: outer.from * outerStep + inner.from * innerStep + run.from * 4,
    outerStep,
    innerStep,
  };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
