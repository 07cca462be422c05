/** Convolutions of one to three axes with their gradients, depthwise ones, and the gradient of max pooling; channels last. */
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#shared/errors.ts';
import { areFloats, register, replace, sizeOf, type Call, type Device, type Info } from './backend.ts';

type Three = [number, number, number];

/** How windows move; an axis that is not there has size 1. */
interface Windows {
  batch: number;
  channels: number;
  in: Three;
  out: Three;
  size: Three;
  stride: Three;
  dilation: Three;
  /** Zeros before the first value. */
  before: Three;
  outShape: number[];
}

interface Attributes {
  strides: number | [number, number];
  dilations?: number | [number, number];
  pad: 'valid' | 'same' | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  dataFormat?: 'NHWC' | 'NCHW';
  filterShape: number[];
  inputShape: number[];
  filterSize: number | [number, number];
}

/** Unfolded values at once: bounds the scratch, stays in the second-level cache. */
const unfoldedAtOnce = 1 << 18;

export function installConvolutions(device: Device): void {
  const { at, module, output } = device;
  const attributesOf = ({ attrs }: Call) => attrs as unknown as Attributes;

  /** A new tensor of zeros. */
  function zeros(shape: number[]): Info {
    const out = output(shape);
    module['fillBox']!(1, sizeOf(shape), 0, at(out), 0);
    return out;
  }

  /** Scratch for the windows' description, the product, and `floats` more; their places. */
  function prepare(windows: Windows, floats: number) {
    const product = module['productScratch']!();
    const place = device.scratch(24 + product + floats);
    const { batch, channels, in: input, out, size, stride, dilation, before } = windows;
    const numbers = [batch, channels, ...input, ...out, ...size, ...stride, ...dilation, ...before];
    device.writeIntegers(place, numbers);
    return { description: place, scratch: place + 96, rows: place + 96 + 4 * product };
  }

  /** Visits all positions in pieces: `visit(first, count, rows, scratch)`, rows being room for `count` unfolded windows. */
  function inPieces(
    windows: Windows,
    visit: (first: number, count: number, places: ReturnType<typeof prepare>) => void,
  ): void {
    const width = sizeOf(windows.size) * windows.channels;
    const positions = windows.batch * sizeOf(windows.out);
    const atOnce = Math.min(positions, Math.max(64, Math.floor(unfoldedAtOnce / width)));
    const places = prepare(windows, atOnce * width);
    for (let first = 0; first < positions; first += atOnce)
      visit(first, Math.min(atOnce, positions - first), places);
  }

  /** Windows that are the values themselves, one by one: nothing to unfold. */
  const isPointwise = ({ size, stride, before, in: input, out }: Windows) =>
    sizeOf(size) === 1 &&
    sizeOf(stride) === 1 &&
    sizeOf(before.map((n) => n + 1)) === 1 &&
    `${input}` === `${out}`;

  function forward(windows: Windows, x: Info, filter: Info): Info {
    const out = output(windows.outShape);
    const [n, k] = [filter.shape.at(-1)!, sizeOf(windows.size) * windows.channels];
    inPieces(windows, (first, count, { description, scratch, rows }) => {
      let from = at(x) + 4 * first * k;
      if (!isPointwise(windows)) {
        module['unfold']!(description, at(x), first, count, rows);
        from = rows;
      }
      const to = at(out) + 4 * first * n;
      module['product']!(1, count, n, k, from, 0, k, 1, at(filter), 0, n, 1, to, 0, 0, scratch);
    });
    return out;
  }

  function filterGradient(windows: Windows, x: Info, dy: Info, shape: number[]): Info {
    const out = zeros(shape);
    const [n, m] = [shape.at(-1)!, sizeOf(windows.size) * windows.channels];
    inPieces(windows, (first, count, { description, scratch, rows }) => {
      let from = at(x) + 4 * first * m;
      if (!isPointwise(windows)) {
        module['unfold']!(description, at(x), first, count, rows);
        from = rows;
      }
      const right = at(dy) + 4 * first * n;
      module['product']!(1, m, n, count, from, 0, 1, m, right, 0, n, 1, at(out), 1, 0, scratch);
    });
    return out;
  }

  function inputGradient(windows: Windows, dy: Info, filter: Info, shape: number[]): Info {
    const out = zeros(shape);
    const [k, n] = [filter.shape.at(-1)!, sizeOf(windows.size) * windows.channels];
    inPieces(windows, (first, count, { description, scratch, rows }) => {
      const from = at(dy) + 4 * first * k;
      module['product']!(1, count, n, k, from, 0, k, 1, at(filter), 0, 1, k, rows, 0, 0, scratch);
      module['fold']!(description, rows, first, count, at(out));
    });
    return out;
  }

  replace('Conv2D', (call, shipped) => {
    const { x, filter } = call.inputs as { x: Info; filter: Info };
    const windows = plane(x.shape, filter.shape, attributesOf(call));
    if (!areFloats(x, filter) || sizeOf(windows.outShape) === 0) return shipped(call);
    return forward(windows, x, filter);
  });
  register('Conv2DBackpropFilter', (call) => {
    const { x, dy } = call.inputs as { x: Info; dy: Info };
    const attributes = attributesOf(call);
    return filterGradient(plane(x.shape, attributes.filterShape, attributes), x, dy, attributes.filterShape);
  });
  replace('Conv2DBackpropInput', (call) => {
    const { dy, filter } = call.inputs as { dy: Info; filter: Info };
    const attributes = attributesOf(call);
    return inputGradient(
      plane(attributes.inputShape, filter.shape, attributes),
      dy,
      filter,
      attributes.inputShape,
    );
  });

  replace('Conv3D', (call, shipped) => {
    const { x, filter } = call.inputs as { x: Info; filter: Info };
    if (!areFloats(x, filter)) return shipped(call);
    return forward(solid(x.shape, filter.shape, attributesOf(call)), x, filter);
  });
  replace('Conv3DBackpropFilterV2', (call) => {
    const { x, dy } = call.inputs as { x: Info; dy: Info };
    const attributes = attributesOf(call);
    return filterGradient(solid(x.shape, attributes.filterShape, attributes), x, dy, attributes.filterShape);
  });
  replace('Conv3DBackpropInputV2', (call) => {
    const { dy, filter } = call.inputs as { dy: Info; filter: Info };
    const attributes = attributesOf(call);
    return inputGradient(
      solid(attributes.inputShape, filter.shape, attributes),
      dy,
      filter,
      attributes.inputShape,
    );
  });

  replace('DepthwiseConv2dNative', (call, shipped) => {
    const { x, filter } = call.inputs as { x: Info; filter: Info };
    const windows = plane(x.shape, filter.shape, attributesOf(call), true);
    if (!areFloats(x, filter)) return shipped(call);
    const out = zeros(windows.outShape);
    module['depthwise']!(prepare(windows, 0).description, filter.shape[3]!, at(x), at(filter), at(out));
    return out;
  });
  register('DepthwiseConv2dNativeBackpropFilter', (call) => {
    const { x, dy } = call.inputs as { x: Info; dy: Info };
    const attributes = attributesOf(call);
    const { filterShape } = attributes;
    const windows = plane(x.shape, filterShape, attributes, true);
    const out = zeros(filterShape);
    module['depthwiseFilter']!(prepare(windows, 0).description, filterShape[3]!, at(x), at(dy), at(out));
    return out;
  });
  register('DepthwiseConv2dNativeBackpropInput', (call) => {
    const { dy, filter } = call.inputs as { dy: Info; filter: Info };
    const attributes = attributesOf(call);
    const windows = plane(attributes.inputShape, filter.shape, attributes, true);
    const out = zeros(attributes.inputShape);
    module['depthwiseInput']!(prepare(windows, 0).description, filter.shape[3]!, at(dy), at(filter), at(out));
    return out;
  });

  replace('MaxPoolGrad', (call) => {
    // The shipped kernel's results are wrong.
    const { dy, input } = call.inputs as { dy: Info; input: Info };
    const attributes = attributesOf(call);
    const [height, width] = pairOf(attributes.filterSize);
    const windows = plane(input.shape, [height, width, input.shape[3]!, 1], attributes, true);
    const out = zeros(input.shape);
    module['maxPoolGradient']!(prepare(windows, 0).description, at(input), at(dy), at(out));
    return out;
  });
}

const pairOf = (value: number | [number, number]) =>
  (typeof value === 'number' ? [value, value] : value) as [number, number];

/** @throws AppError 'unsupported' for channels first */
function plane(inShape: number[], filterShape: number[], attributes: Attributes, depthwise = false): Windows {
  const { strides, dilations = 1, pad, dimRoundingMode, dataFormat } = attributes;
  if (dataFormat === 'NCHW')
    throw new AppError(
      'unsupported',
      'Convolutions with channels first are not there on wasm; put channels last.',
    );
  const info = tf.backend_util.computeConv2DInfo(
    inShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    dilations,
    pad,
    dimRoundingMode,
    depthwise,
  );
  return {
    batch: info.batchSize,
    channels: info.inChannels,
    in: [1, info.inHeight, info.inWidth],
    out: [1, info.outHeight, info.outWidth],
    size: [1, info.filterHeight, info.filterWidth],
    stride: [1, info.strideHeight, info.strideWidth],
    dilation: [1, info.dilationHeight, info.dilationWidth],
    before: [0, info.padInfo.top, info.padInfo.left],
    outShape: info.outShape,
  };
}

function solid(
  inShape: number[],
  filterShape: number[],
  { strides, dilations = 1, pad }: Attributes,
): Windows {
  const info = tf.backend_util.computeConv3DInfo(
    inShape as [number, number, number, number, number],
    filterShape as [number, number, number, number, number],
    strides as number,
    dilations as number,
    pad as 'valid' | 'same',
  );
  return {
    batch: info.batchSize,
    channels: info.inChannels,
    in: [info.inDepth, info.inHeight, info.inWidth],
    out: [info.outDepth, info.outHeight, info.outWidth],
    size: [info.filterDepth, info.filterHeight, info.filterWidth],
    stride: [info.strideDepth, info.strideHeight, info.strideWidth],
    dilation: [info.dilationDepth, info.dilationHeight, info.dilationWidth],
    before: [info.padInfo.front, info.padInfo.top, info.padInfo.left],
    outShape: info.outShape,
  };
}
