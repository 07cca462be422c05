/** The inside of tfjs's wasm backend as our kernels use it: its memory, where a tensor lies in it, how a kernel is replaced. */
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#shared/errors.ts';
import { loadVariant, type KernelModule, type Variant } from './variant.ts';

export type Info = tf.TensorInfo;
export type Call = Parameters<tf.KernelFunc>[0];

interface WasmBackend {
  wasm: { asm?: { memory?: WebAssembly.Memory }; _malloc(bytes: number): number; _free(at: number): void };
  dataIdMap: { get(dataId: object): { memoryOffset: number } };
  makeOutput(shape: number[], dtype: string): Info;
  incRef(dataId: object): void;
}

/** All that a kernel needs. */
export interface Device {
  backend: WasmBackend;
  module: KernelModule;
  /** Place of a tensor's values in the memory, in bytes. */
  at(tensor: Info): number;
  /** Room for a new float32 tensor, not cleared. */
  output(shape: number[]): Info;
  /** At least `floats` of scratch, 16-byte aligned; the same place for all, so only until the next call. Grows, never shrinks. */
  scratch(floats: number): number;
  /** Into the memory, from this place on. */
  writeIntegers(place: number, values: readonly number[]): void;
}

/** @throws AppError 'engine-failed' when the backend does not show its memory (another version than the one tested) */
export function openDevice(variant: Variant): Device {
  const backend = tf.backend() as unknown as WasmBackend;
  const memory = backend.wasm.asm?.memory;
  if (!memory)
    throw new AppError(
      'engine-failed',
      'The wasm engine has another inside than expected; reinstall Limbeck or choose cpu.',
    );
  const allocate = (floats: number) => {
    const place = backend.wasm._malloc(floats * 4 + 16);
    if (place === 0)
      throw new AppError('engine-failed', 'The wasm engine has no memory left; use smaller batches.');
    return place;
  };
  let room = 0;
  let size = 0;
  return {
    backend,
    module: loadVariant(variant, memory),
    at: (tensor) => backend.dataIdMap.get(tensor.dataId).memoryOffset,
    output: (shape) => backend.makeOutput(shape, 'float32'),
    scratch(floats) {
      if (floats > size) {
        if (size > 0) backend.wasm._free(room);
        room = allocate(floats);
        size = floats;
      }
      return (room + 15) & ~15;
    },
    writeIntegers: (place, values) => new Int32Array(memory.buffer, place, values.length).set(values),
  };
}

/** Puts a kernel before the shipped one, which it may still call: for what it does not cover. */
export function replace(
  name: string,
  kernelFunc: (call: Call, shipped: tf.KernelFunc) => Info | Info[],
): void {
  const kernel = tf.getKernel(name, 'wasm');
  tf.unregisterKernel(name, 'wasm');
  tf.registerKernel({ ...kernel, kernelFunc: (call) => kernelFunc(call, kernel.kernelFunc) });
}

/** A kernel that the backend lacks. */
export function register(kernelName: string, kernelFunc: (call: Call) => Info | Info[]): void {
  if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc });
}

/** True for float32 tensors that hold something. */
export const areFloats = (...tensors: Info[]): boolean =>
  tensors.every(({ dtype, shape }) => dtype === 'float32' && sizeOf(shape) > 0);

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
