/** Registers the gradients of every tensor operation: the Node bundle of tfjs-core carries the operations without them. */
import { registerHooks } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';

// The gradients lie beside the bundle as ES modules that import each other without extension, which Node does not resolve.
const entry = '@tensorflow/tfjs-core/dist/register_all_gradients.js';

/** Once per process; the registry is global, so whichever copy of the library computes finds them. */
export async function registerGradients(): Promise<void> {
  if (tf.getGradient('BatchMatMul')) return;
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (specifier === entry) return { ...next(specifier, context), format: 'module' };
      if (specifier.startsWith('.') && context.parentURL?.includes('/@tensorflow/tfjs-core/dist/'))
        return {
          ...next(specifier.endsWith('.js') ? specifier : `${specifier}.js`, context),
          format: 'module',
        };
      return next(specifier, context);
    },
  });
  try {
    await import(entry);
  } finally {
    hooks.deregister();
  }
}
