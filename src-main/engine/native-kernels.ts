/** Gives native TensorFlow our binding's kernels: the table in `models/fused.ts`, and plain ones where its own take long to prepare. */
import * as tf from '@tensorflow/tfjs-core';
import { replaceMoves } from './native-moves.ts';

export type Info = tf.TensorInfo;
export type Call = Parameters<tf.KernelFunc>[0];

export interface FusedBinding {
  /** Not in a binding as published. */
  runFused?(name: string, ids: number[], numbers: number[]): object[];
}

/** Runs a kernel of resources/engine/fused.cc. */
export type Run = (call: Call, name: string, inputs: Info[], numbers: number[]) => Info[];

/** What of the backend's inside is needed. */
interface NativeBackend {
  getInputTensorIds(tensors: Info[]): number[];
  createOutputTensor(metadata: object): Info;
}

/** Inputs in the order that resources/engine/fused.cc takes them, and attributes likewise. */
const fused: Record<string, { inputs: string[]; numbers?: string[] }> = {
  LayerNormForward: { inputs: ['x', 'gain', 'bias'], numbers: ['epsilon'] },
  LayerNormBackward: { inputs: ['dy', 'normed', 'scale', 'gain'] },
  GeluForward: { inputs: ['x'] },
  GeluBackward: { inputs: ['dy', 'x', 'phi'] },
  SoftmaxBackward: { inputs: ['y', 'dy'] },
  AdamFlat: {
    inputs: ['values', 'gradient', 'first', 'second', 'rates', 'decays'],
    numbers: ['beta1', 'beta2', 'epsilon', 'learningRate', 'stepSize', 'correction'],
  },
};

/** On the processor only; tensors on a GPU are not in reach. */
export function installNativeKernels({ runFused }: FusedBinding): void {
  if (!runFused) return;
  const run: Run = (call, name, inputs, numbers) => {
    const backend = call.backend as NativeBackend;
    return runFused(name, backend.getInputTensorIds(inputs), numbers).map((each) =>
      backend.createOutputTensor(each),
    );
  };
  for (const [name, { inputs, numbers = [] }] of Object.entries(fused))
    register(name, (call) => {
      const attributes = call.attrs as Record<string, number>;
      return run(
        call,
        name,
        inputs.map((each) => call.inputs[each]!),
        numbers.map((each) => attributes[each]!),
      );
    });
  for (const name of ['Add', 'Sub', 'Multiply', 'RealDiv']) replaceBinary(name, run);
  replaceRows(run);
  replaceMoves(run);
}

function replaceRows(run: Run): void {
  replace('Step', (call) => {
    const { x } = call.inputs as { x: Info };
    return areFloats(x) ? run(call, 'Step', [x], [(call.attrs as { alpha?: number }).alpha ?? 0]) : undefined;
  });
  replace('Softmax', (call) => {
    const { logits } = call.inputs as { logits: Info };
    const { dim = -1 } = call.attrs as { dim?: number };
    const last = dim === -1 || dim === logits.shape.length - 1;
    return areFloats(logits) && logits.shape.length > 0 && last
      ? run(call, 'Softmax', [logits], [])
      : undefined;
  });
  for (const name of ['Sum', 'Mean'])
    replace(name, (call) => {
      const { x } = call.inputs as { x: Info };
      const { axis, keepDims } = call.attrs as unknown as { axis: number | number[]; keepDims?: boolean };
      const axes = tf.util.parseAxisParam(axis, x.shape).toSorted((a, b) => a - b);
      const [first = 0, last = -1] = [axes[0], axes.at(-1)];
      if (!areFloats(x) || axes.length === 0 || last - first + 1 !== axes.length) return undefined;
      const outer = sizeOf(x.shape.slice(0, first));
      const middle = sizeOf(x.shape.slice(first, last + 1));
      const inner = sizeOf(x.shape.slice(last + 1));
      const shape = keepDims
        ? x.shape.map((side, i) => (axes.includes(i) ? 1 : side))
        : x.shape.filter((_, i) => !axes.includes(i));
      return run(call, 'Sum', [x], [outer, middle, inner, name === 'Mean' ? 1 / middle : 1, ...shape]);
    });
}

/** Where one operand has the result's shape and the other too, or is one value, the last axes of it, or all but the last. */
function replaceBinary(name: string, run: Run): void {
  replace(name, (call) => {
    const { a, b } = call.inputs as { a: Info; b: Info };
    if (!areFloats(a, b)) return undefined;
    const whole = sizeOf(a.shape) >= sizeOf(b.shape) && a.shape.length >= b.shape.length ? a : b;
    const other = whole === a ? b : a;
    const steps = stepsOf(other.shape, whole.shape);
    if (!steps) return undefined;
    const { rows, columns } = steps;
    const [own, others] = [
      [columns, 1],
      [steps.row, steps.column],
    ];
    const ordered = whole === a ? [...own, ...others] : [...others, ...own];
    return run(call, name, [a, b], [rows, columns, ...ordered, ...whole.shape]);
  });
}

interface Steps {
  rows: number;
  columns: number;
  row: number;
  column: number;
}

/** How an operand is walked through while a tensor of `shape` is; undefined for any other kind of broadcast. */
export function stepsOf(operand: readonly number[], shape: readonly number[]): Steps | undefined {
  if (operand.length > shape.length) return undefined;
  const size = sizeOf(shape);
  const padded = [...Array<number>(shape.length - operand.length).fill(1), ...operand];
  if (sizeOf(padded) === 1) return { rows: 1, columns: size, row: 0, column: 0 };
  if (padded.every((side, i) => side === shape[i])) return { rows: 1, columns: size, row: size, column: 1 };
  const same = padded.map((side, i) => side === shape[i]);
  const lead = padded.findIndex((side) => side !== 1);
  const columns = sizeOf(shape.slice(lead));
  if (same.slice(lead).every(Boolean)) return { rows: size / columns, columns, row: 0, column: 1 };
  const tail = padded.findLastIndex((side) => side !== 1) + 1;
  if (same.slice(0, tail).every(Boolean))
    return { rows: sizeOf(shape.slice(0, tail)), columns: sizeOf(shape.slice(tail)), row: 1, column: 0 };
  return undefined;
}

export const areFloats = (...tensors: Info[]): boolean =>
  tensors.every(({ dtype, shape }) => dtype === 'float32' && sizeOf(shape) > 0);

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

function register(kernelName: string, kernelFunc: (call: Call) => Info | Info[]): void {
  tf.registerKernel({ kernelName, backendName: 'tensorflow', kernelFunc });
}

/** @param ours undefined for what it does not cover: then TensorFlow's own runs */
export function replace(name: string, ours: (call: Call) => Info[] | undefined): void {
  const kernel = tf.getKernel(name, 'tensorflow');
  tf.unregisterKernel(name, 'tensorflow');
  tf.registerKernel({
    ...kernel,
    kernelFunc: (call) => {
      const result = ours(call);
      if (!result) return kernel.kernelFunc(call);
      return result.length === 1 ? result[0]! : result;
    },
  });
}
