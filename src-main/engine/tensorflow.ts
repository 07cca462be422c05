/** The native TensorFlow engine: from our own installation, else from the optional npm package where its library came along. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#shared/errors.ts';
import { bindingName, type Platform } from './install/archives.ts';
import { installedEngine } from './install/installed-engine.ts';
import { installNativeKernels, type FusedBinding } from './native-kernels.ts';

export interface TensorflowOptions {
  /** An engine's folder; the installed one if not given. */
  folder?: string;
  /** Threads of one operation; all cores if not given. Only the first start in a process decides. */
  threads?: number;
}

export interface StartedTensorflow {
  device: string;
  /** TensorFlow's own. */
  version: string;
  gpu: boolean;
}

/** What the compiled binding offers besides what the JavaScript half calls. */
interface Binding extends FusedBinding {
  TF_Version: string;
  isUsingGpuDevice(): boolean;
  createTensor(shape: number[], type: number, values: ArrayBufferView | Uint8Array[]): number;
}

/** Files of one engine, ours or the package's. */
interface Files {
  binding: string;
  /** Folder with register_all_kernels.js. */
  scripts: string;
  /** Lends arrays to TensorFlow instead of copying them. */
  shares: boolean;
}

interface KernelBackend {
  NodeJSKernelBackend: new (binding: Binding, name: string) => tf.KernelBackend;
}

const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];
let loaded: StartedTensorflow | undefined;

/** @throws AppError 'unsupported' with the reason when none is installed or its library does not load */
export async function startTensorflow({
  folder,
  threads,
}: TensorflowOptions = {}): Promise<StartedTensorflow> {
  loaded ??= load(findFiles(folder), threads ?? availableParallelism());
  if (!(await tf.setBackend('tensorflow')))
    throw new AppError('unsupported', 'The TensorFlow engine did not start; choose the engine wasm.');
  return loaded;
}

function load(files: Files, threads: number): StartedTensorflow {
  setEnvironment(threads);
  restoreRemovedNodeFunctions();
  const require = createRequire(import.meta.url);
  const hooks = shareTensors(require, files.scripts);
  try {
    const bare = require(files.binding) as Binding;
    const binding = files.shares ? copying(bare) : bare;
    require(join(files.scripts, 'register_all_kernels.js'));
    const half = require(join(files.scripts, 'nodejs_kernel_backend.js')) as KernelBackend;
    tf.registerBackend('tensorflow', () => new half.NodeJSKernelBackend(binding, packages[1]!), 4);
    const gpu = binding.isUsingGpuDevice();
    if (!gpu) installNativeKernels(binding);
    const version = binding.TF_Version;
    const where = gpu ? gpuName() : `${processorName()}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
    return { device: `${where}, TensorFlow ${version}`, version, gpu };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new AppError(
      'unsupported',
      `TensorFlow is installed but does not load (${why}). Install it again (npm run engine:install -- --force), or choose the engine wasm.`,
      { cause, details: { why } },
    );
  } finally {
    hooks.deregister();
  }
}

function findFiles(folder: string | undefined): Files {
  const own = folder ?? installedEngine()?.folder;
  if (own !== undefined) {
    const platform = `${process.platform}-${process.arch}` as Platform;
    return { binding: join(own, bindingName(platform)), scripts: join(own, 'scripts'), shares: false };
  }
  const require = createRequire(import.meta.url);
  for (const name of packages) {
    const root = packageFolder(require, name);
    const binding = root && findBinding(root);
    if (binding) return { binding, scripts: join(root, 'dist'), shares: true };
  }
  throw new AppError(
    'unsupported',
    'TensorFlow is not installed (npm run engine:install fetches it); the engine wasm needs no installation.',
  );
}

/** TensorFlow reads these when its library is opened; what the user has set stays. */
function setEnvironment(threads: number): void {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  process.env['TF_NUM_INTRAOP_THREADS'] ??= String(threads);
  process.env['TF_NUM_INTEROP_THREADS'] ??= '1';
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
}

/** The scripts ask for `@tensorflow/tfjs`: they get this process's own tfjs-core, so that there is one registry of kernels. */
function shareTensors(require: NodeJS.Require, scripts: string): { deregister(): void } {
  const core = pathToFileURL(require.resolve('@tensorflow/tfjs-core')).href;
  const inside = `${pathToFileURL(scripts).href}/`;
  return registerHooks({
    resolve(specifier, context, next) {
      const ours = context.parentURL?.startsWith(inside) === true;
      if (ours && (specifier === '@tensorflow/tfjs' || specifier === '@tensorflow/tfjs-core'))
        return { url: core, format: 'commonjs', shortCircuit: true };
      return next(specifier, context);
    },
  });
}

/** tfjs-node 4.22 calls two functions that Node 23 removed; without them it fails on load or in `topk`. */
function restoreRemovedNodeFunctions(): void {
  const legacy = util as unknown as Record<string, unknown>;
  legacy['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  // Still there in some versions, where every call warns of its end.
  legacy['isArray'] = Array.isArray;
}

/** For a binding as published, which lends TensorFlow the array it is given: it gets one that nobody else has. */
function copying(binding: Binding): Binding {
  return Object.create(binding, {
    createTensor: {
      value: (shape: number[], type: number, values: ArrayBufferView | Uint8Array[]) =>
        binding.createTensor(
          shape,
          type,
          values instanceof Float32Array || values instanceof Int32Array || values instanceof Uint8Array
            ? values.slice()
            : values,
        ),
    },
  }) as Binding;
}

function packageFolder(require: NodeJS.Require, name: string): string | undefined {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch (error) {
    if ((error as { code?: string }).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** The highest `lib/napi-v*` that came with the package; none where its download failed. */
function findBinding(root: string): string | undefined {
  const library = join(root, 'lib');
  if (!existsSync(library)) return undefined;
  return readdirSync(library)
    .filter((name) => /^napi-v\d+$/.test(name))
    .sort((a, b) => Number(b.slice(6)) - Number(a.slice(6)))
    .map((name) => join(library, name, 'tfjs_binding.node'))
    .find((file) => existsSync(file));
}

function processorName(): string {
  return (cpus()[0]?.model ?? 'processor')
    .replace(/\(R\)|\(TM\)|Processor/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** As the driver tells it on Linux. */
function gpuName(): string {
  const folder = '/proc/driver/nvidia/gpus';
  if (!existsSync(folder)) return 'GPU';
  const [first] = readdirSync(folder);
  const text = first ? readFileSync(join(folder, first, 'information'), 'utf8') : '';
  return /^Model:\s*(.+)$/m.exec(text)?.[1]?.trim() ?? 'GPU';
}
