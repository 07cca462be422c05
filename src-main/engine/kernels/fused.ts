/**
 * Kernels that tfjs does not know, for `tf.engine().runKernel` by name: blocks of a network in one pass instead of a dozen.
 *
 * Inputs, attributes and outputs are those of the table in `src-main/models/fused.ts`.
 */
import { register, sizeOf, type Call, type Device, type Info } from './backend.ts';

export function installFused(device: Device): void {
  const { at, module, output } = device;
  const like = ({ shape }: Info) => output(shape);
  const inputsOf = ({ inputs }: Call, ...names: string[]) => names.map((name) => inputs[name]!);
  const numbersOf = ({ attrs }: Call, ...names: string[]) =>
    names.map((name) => (attrs as Record<string, number>)[name]!);
  const rowsOf = ({ shape }: Info) => {
    const width = shape.at(-1)!;
    return [width === 0 ? 0 : sizeOf(shape) / width, width] as const;
  };

  register('LayerNormForward', (call) => {
    const [x, gain, bias] = inputsOf(call, 'x', 'gain', 'bias') as [Info, Info, Info];
    const [rows, width] = rowsOf(x);
    const out = [like(x), like(x), output([rows, 1])];
    const [epsilon] = numbersOf(call, 'epsilon');
    module['LayerNormForward']!(rows, width, at(x), at(gain), at(bias), epsilon!, ...out.map(at));
    return out;
  });

  register('LayerNormBackward', (call) => {
    const inputs = inputsOf(call, 'dy', 'normed', 'scale', 'gain');
    const [dy, , , gain] = inputs as [Info, Info, Info, Info];
    const out = [like(dy), like(gain), like(gain)];
    module['LayerNormBackward']!(...rowsOf(dy), ...inputs.map(at), ...out.map(at));
    return out;
  });

  register('BatchNormForward', (call) => {
    const [x, gain, bias] = inputsOf(call, 'x', 'gain', 'bias') as [Info, Info, Info];
    const out = [like(x), like(gain), like(gain)];
    const [epsilon] = numbersOf(call, 'epsilon');
    module['BatchNormForward']!(...rowsOf(x), at(x), at(gain), at(bias), epsilon!, ...out.map(at));
    return out;
  });

  register('BatchNormBackward', (call) => {
    const inputs = inputsOf(call, 'dy', 'x', 'mean', 'variance', 'gain');
    const [dy, , mean] = inputs as [Info, Info, Info];
    const out = [like(dy), like(mean), like(mean)];
    const [epsilon] = numbersOf(call, 'epsilon');
    module['BatchNormBackward']!(...rowsOf(dy), ...inputs.map(at), epsilon!, ...out.map(at));
    return out;
  });

  /** Batch, tokens, heads, width of a head, of qkv [batch · tokens, 3 · heads · width]. */
  const headsOf = (call: Call) => {
    const [rows, columns] = call.inputs['qkv']!.shape as [number, number];
    const [tokens, heads] = numbersOf(call, 'tokens', 'heads') as [number, number];
    return [rows / tokens, tokens, heads, columns / 3 / heads] as const;
  };

  register('AttentionForward', (call) => {
    const { qkv, absence } = call.inputs as { qkv: Info; absence?: Info };
    const [batch, tokens, heads, width] = headsOf(call);
    const out = [output([batch * tokens, heads * width]), output([batch, heads, tokens, tokens])];
    const scratch = device.scratch(module['productScratch']!());
    const sizes = [batch, tokens, heads, width];
    const places = [at(qkv), absence ? at(absence) : 0];
    module['AttentionForward']!(...sizes, ...places, 1 / Math.sqrt(width), ...out.map(at), scratch);
    return out;
  });

  register('AttentionBackward', (call) => {
    const inputs = inputsOf(call, 'dy', 'qkv', 'weights');
    const [, tokens, , width] = headsOf(call);
    const out = like(inputs[1]!);
    const product = module['productScratch']!();
    const scratch = device.scratch(product + tokens * tokens);
    const scale = 1 / Math.sqrt(width);
    const rooms = [scratch + 4 * product, scratch];
    module['AttentionBackward']!(...headsOf(call), ...inputs.map(at), scale, at(out), ...rooms);
    return out;
  });

  register('GeluForward', (call) => {
    const x = call.inputs['x']!;
    const out = [like(x), like(x)];
    module['GeluForward']!(sizeOf(x.shape), at(x), ...out.map(at));
    return out;
  });

  register('GeluBackward', (call) => {
    const inputs = inputsOf(call, 'dy', 'x', 'phi');
    const out = like(inputs[0]!);
    module['GeluBackward']!(sizeOf(out.shape), ...inputs.map(at), at(out));
    return out;
  });

  register('SoftmaxBackward', (call) => {
    const inputs = inputsOf(call, 'y', 'dy');
    const out = like(inputs[0]!);
    module['SoftmaxBackward']!(...rowsOf(out), ...inputs.map(at), at(out));
    return out;
  });

  register('AdamFlat', (call) => {
    const inputs = inputsOf(call, 'values', 'gradient', 'first', 'second', 'rates', 'decays');
    const values = inputs[0]!;
    const out = [like(values), like(values), like(values)];
    const numbers = numbersOf(call, 'beta1', 'beta2', 'epsilon', 'learningRate', 'stepSize', 'correction');
    module['AdamFlat']!(sizeOf(values.shape), ...inputs.map(at), ...numbers, ...out.map(at));
    return out;
  });
}
