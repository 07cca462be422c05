/** The graphics engine: Dawn, from the package `webgpu`, under tfjs's WebGPU backend. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#shared/errors.ts';

/** What the package offers. */
interface Dawn {
  create(options: string[]): GPU;
  globals: Record<string, unknown>;
}
const asked = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

let instance: GPU | undefined;
let lost: string | undefined;
let device: GPUDevice | undefined;

/**
 * @param software whether a driver that computes on the processor (SwiftShader, llvmpipe) will do: right, but slow
 * @throws AppError 'unsupported' when the package or a driver is missing
 */
export async function startWebgpu(
  software: boolean,
): Promise<{ device: string; version: string; gpu: boolean }> {
  const gpu = await openDawn();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new AppError('unsupported', noDriver);
  const { info } = adapter;
  const name = info.description || info.device || info.architecture || info.vendor;
  if (!software && isSoftware(info))
    throw new AppError(
      'unsupported',
      `The only graphics driver here computes on the processor (${name}), slower than wasm. Choose webgpu by name to use it all the same.`,
    );
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  device = await adapter.requestDevice({
    requiredLimits: Object.fromEntries(asked.map((limit) => [limit, adapter.limits[limit]])),
  });
  lost = undefined;
  void device.lost.then(({ message }) => (lost = message || 'the driver gave no reason'));
  if (tf.findBackendFactory('webgpu')) tf.removeBackend('webgpu');
  const backend = new WebGPUBackend(device, info);
  refuseAfterLoss(backend);
  tf.registerBackend('webgpu', () => backend);
  if (!(await tf.setBackend('webgpu')))
    throw new AppError('unsupported', 'The webgpu engine could not start; choose wasm.');
  mendProduct();
  return {
    device: `${name} (${info.vendor || 'unknown maker'})`,
    version: `WebGPU of tfjs ${tf.version_core}`,
    gpu: true,
  };
}

/** Why the device is gone (a driver update, a reset, memory), undefined while it is there. */
export const lostDevice = (): string | undefined => lost;

/** For tests: what a driver reset does. */
export function loseDevice(): void {
  device?.destroy();
}

/** A lost device may still answer a read, with what lay in its memory before: never let that pass for a result. */
function refuseAfterLoss(backend: tf.KernelBackend): void {
  const read = backend.read.bind(backend);
  backend.read = async (dataId) => {
    const values = await read(dataId).catch((cause: unknown) => {
      throw engineGone(cause);
    });
    if (lost !== undefined) throw engineGone();
    return values;
  };
}

function engineGone(cause?: unknown): AppError {
  return new AppError(
    'engine-failed',
    `The graphics card stopped computing (${lost ?? String(cause)}). Everything up to the last checkpoint is kept; go on with another engine, or restart and try again.`,
    { cause },
  );
}

let mended = false;
/** tfjs's number for the program with small tiles. */
const unsplit = 2;

/**
 * tfjs 4.22 splits a product with few results and 2000 or more terms each along the inner axis. That is wrong when the right side is
 * transposed (8 × 2000 by 64 × 2000 is off by as much as the result), and its atomic sums come in another order each time.
 */
function mendProduct(): void {
  if (mended) return;
  mended = true;
  for (const name of ['BatchMatMul', '_FusedMatMul']) {
    const kernel = tf.getKernel(name, 'webgpu');
    tf.unregisterKernel(name, 'webgpu');
    tf.registerKernel({
      ...kernel,
      kernelFunc(call) {
        const { a, b } = call.inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
        const terms = a.shape.at(call.attrs!['transposeA'] ? -2 : -1)!;
        const single = [a, b].every(({ shape }) => shape.slice(0, -2).every((n) => n === 1));
        if (!single || terms < 2000) return kernel.kernelFunc(call);
        tf.env().set('WEBGPU_MATMUL_PROGRAM_TYPE', unsplit);
        try {
          return kernel.kernelFunc(call);
        } finally {
          tf.env().set('WEBGPU_MATMUL_PROGRAM_TYPE', -1);
        }
      },
    });
  }
}

function isSoftware({ architecture, description, isFallbackAdapter }: GPUAdapterInfo): boolean {
  return (
    isFallbackAdapter || /swiftshader|llvmpipe|software|basic render/i.test(`${architecture} ${description}`)
  );
}

const noDriver =
  'No graphics driver was found (Vulkan on Linux, Direct3D 12 on Windows, Metal on macOS). Install the driver of the graphics card, or choose wasm.';

/** Asked before Dawn is loaded, which writes its own complaint to the terminal. */
function hasVulkan(): boolean {
  const folders = [
    ...(process.env['LD_LIBRARY_PATH'] ?? '').split(':').filter(Boolean),
    ...['/usr/lib', '/lib'].flatMap((lib) =>
      ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((arch) => `${lib}/${arch}`),
    ),
    ...['/usr/lib64', '/lib64', '/usr/lib', '/usr/local/lib'],
  ];
  return folders.some((folder) => existsSync(join(folder, 'libvulkan.so.1')));
}

async function openDawn(): Promise<GPU> {
  if (instance) return instance;
  if (process.platform === 'linux' && !hasVulkan()) throw new AppError('unsupported', noDriver);
  let dawn: Dawn;
  try {
    const name = 'webgpu'; // optional: not every platform has a build
    dawn = (await import(name)) as Dawn;
  } catch (cause) {
    throw new AppError(
      'unsupported',
      `The package webgpu is not installed or does not load here (${String(cause).split('\n')[0]}); choose wasm.`,
      { cause },
    );
  }
  // tfjs's backend looks for both where a browser has them.
  Object.assign(globalThis, dawn.globals);
  instance = dawn.create([]);
  Object.defineProperty(globalThis.navigator, 'gpu', { value: instance, configurable: true });
  return instance;
}
