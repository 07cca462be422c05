/**
 * Which build of the kernels this machine runs.
 *
 * `plain` is SIMD as every machine has it: multiply and add round separately. `relaxed` multiplies and adds in one rounding (relaxed
 * SIMD): other last bits, the same on every machine with that instruction. `wide` is `relaxed` with larger tiles, translated by V8 to
 * vectors of 256 bits: the same bits as `relaxed`, a third faster, but by a translation that V8 still calls experimental; so it is
 * taken only where LIMBECK_WASM=wide asks for it, and checked then.
 */
import { arch, env, versions } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { AppError } from '#shared/errors.ts';
import { binaries } from './binaries.ts';

export const variants = ['plain', 'relaxed', 'wide'] as const;
export type Variant = (typeof variants)[number];

/** For the device text, which goes into manifests. */
export const variantText: Record<Variant, string> = {
  plain: 'WebAssembly SIMD',
  relaxed: 'WebAssembly relaxed SIMD',
  wide: 'WebAssembly relaxed SIMD, 256 bits',
};

/**
 * Exports by name; arguments are 32-bit integers (sizes, steps, places in bytes) and, where the source says so, floats.
 */
export type KernelModule = Record<string, (...args: number[]) => number>;

/**
 * The variant for this process: what LIMBECK_WASM names, else the fastest that stands on standards alone.
 *
 * @throws AppError 'invalid-input' for a name that is none, 'unsupported' for one that this machine cannot run
 */
export function chooseVariant(): Variant {
  const asked = env['LIMBECK_WASM'];
  if (asked !== undefined && asked !== '') {
    const found = variants.find((variant) => variant === asked);
    if (!found)
      throw new AppError('invalid-input', `LIMBECK_WASM is ${asked}; it must be ${variants.join(', ')}.`);
    if (!isSupported(found) || (found === 'wide' && !givesSameBits()))
      throw new AppError('unsupported', `This machine cannot run the ${asked} kernels; unset LIMBECK_WASM.`);
    return found;
  }
  return isSupported('relaxed') ? 'relaxed' : 'plain';
}

/** Whether it can be loaded; `wide` needs V8 on x64 whose flags may still change, which those of Electron may not. */
export function isSupported(variant: Variant): boolean {
  if (variant === 'wide' && (arch !== 'x64' || 'electron' in versions)) return false;
  return WebAssembly.validate(bytesOf(variant));
}

export function loadVariant(variant: Variant, memory: WebAssembly.Memory): KernelModule {
  const { exports } = new WebAssembly.Instance(compileVariant(variant), { env: { memory } });
  return exports as unknown as KernelModule; // the build exports functions only; the tests call each
}

/** With these V8 translates the whole module at once and joins neighbouring vectors; without, as ever. */
const wideFlags = ['experimental-wasm-revectorize'];
const eagerFlags = ['liftoff', 'wasm-lazy-compilation'];

function compileVariant(variant: Variant): WebAssembly.Module {
  if (variant !== 'wide') return new WebAssembly.Module(bytesOf(variant));
  const set = (on: boolean) => {
    for (const flag of wideFlags) setFlagsFromString(`--${on ? '' : 'no-'}${flag}`);
    for (const flag of eagerFlags) setFlagsFromString(`--${on ? 'no-' : ''}${flag}`);
  };
  set(true);
  try {
    return new WebAssembly.Module(bytesOf(variant));
  } finally {
    set(false);
  }
}

const bytesOf = (variant: Variant) => new Uint8Array(Buffer.from(binaries[variant], 'base64'));

/** A product and a GELU of odd sizes by both builds. */
function givesSameBits(): boolean {
  const compute = (variant: Variant) => {
    const memory = new WebAssembly.Memory({ initial: 32 });
    const module = loadVariant(variant, memory);
    const values = new Float32Array(memory.buffer);
    for (let i = 0; i < 65536; i++) values[i] = Math.sin(i * 0.7);
    const [m, n, k] = [61, 77, 83];
    const [b, c, scratch] = [m * k * 4, 131072, 1 << 19];
    module['product']!(1, m, n, k, 0, 0, k, 1, b, 0, n, 1, c, 0, 0, scratch);
    module['GeluForward']!(1001, c, c + 4 * m * n, c + 8 * m * n);
    return new Int32Array(memory.buffer.slice(c, 1 << 19));
  };
  const expected = compute('relaxed');
  return compute('wide').every((bits, i) => bits === expected[i]);
}
