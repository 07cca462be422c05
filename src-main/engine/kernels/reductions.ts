/** Sums and means over neighbouring axes, and softmax. */
import * as tf from '@tensorflow/tfjs-core';
import { areFloats, replace, sizeOf, type Device } from './backend.ts';

export function installReductions(device: Device): void {
  const { at, module, output } = device;
  for (const name of ['Sum', 'Mean'])
    replace(name, (call, shipped) => {
      const x = call.inputs['x']!;
      const { axis, keepDims } = call.attrs as unknown as { axis: number | number[]; keepDims: boolean };
      const axes = tf.util.parseAxisParam(axis, x.shape).sort((first, second) => first - second);
      const from = axes[0] ?? 0;
      const to = from + axes.length;
      if (!areFloats(x) || axes.some((value, i) => value !== from + i)) return shipped(call);
      const [outer, inner] = [x.shape.slice(0, from), x.shape.slice(to)];
      const count = sizeOf(x.shape.slice(from, to));
      const out = output([...outer, ...(keepDims ? axes.map(() => 1) : []), ...inner]);
      const factor = name === 'Mean' ? 1 / count : 1;
      module['sumMiddle']!(sizeOf(outer), count, sizeOf(inner), at(x), factor, at(out));
      return out;
    });

  replace('Softmax', (call, shipped) => {
    const x = call.inputs['logits']!;
    const { dim } = call.attrs as unknown as { dim: number };
    const width = x.shape.at(-1) ?? 1;
    if (!areFloats(x) || (dim !== -1 && dim !== x.shape.length - 1)) return shipped(call);
    const out = output(x.shape);
    module['Softmax']!(sizeOf(x.shape) / width, width, at(x), at(out));
    return out;
  });
}
