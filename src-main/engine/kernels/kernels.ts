/** Puts our kernels in place of those of the wasm backend that make training slow or that it lacks. */
import { openDevice } from './backend.ts';
import { installConvolutions } from './convolutions.ts';
import { installCopies } from './copies.ts';
import { installElementwise } from './elementwise.ts';
import { installFused } from './fused.ts';
import { installProducts } from './products.ts';
import { installReductions } from './reductions.ts';
import type { Variant } from './variant.ts';

/** Call once, after the wasm backend has started. @throws AppError 'engine-failed' */
export function installKernels(variant: Variant): void {
  const device = openDevice(variant);
  installProducts(device);
  installConvolutions(device);
  installCopies(device);
  installElementwise(device);
  installReductions(device);
  installFused(device);
}
