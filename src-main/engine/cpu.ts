/** The plain JavaScript engine: slow, always there, the reference for the others. */
import * as tf from '@tensorflow/tfjs-core';
import { version_cpu } from '@tensorflow/tfjs-backend-cpu';

export async function startCpu(): Promise<{ device: string; version: string }> {
  await tf.setBackend('cpu');
  return { device: 'JavaScript, 1 thread', version: version_cpu };
}
