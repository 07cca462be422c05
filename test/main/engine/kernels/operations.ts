/** Operations whose kernels are ours, on shapes that meet every branch: odd sizes, size 1, broadcasts, empty. */
import * as tf from '@tensorflow/tfjs-core';

export interface Operation {
  name: string;
  shapes: number[][];
  compute(...tensors: tf.Tensor[]): tf.Tensor;
  /** What the cpu engine computes instead, where its own operation is wrong or missing. */
  reference?(...tensors: tf.Tensor[]): tf.Tensor;
  /** Scale and offset of the numbers that go in. */
  range?: [number, number];
  /** False where tfjs has none or it is not ours. */
  gradient?: boolean;
  tolerance?: number;
}

const ofOne = (
  name: string,
  compute: (x: tf.Tensor) => tf.Tensor,
  range: [number, number] = [3, 0],
): Operation[] =>
  [[1], [3], [4, 5], [7, 9, 2], [0, 3]].map((shape) => ({
    name: `${name} [${shape}]`,
    shapes: [shape],
    compute,
    range,
  }));

const pairs: [number[], number[]][] = [
  [[1], [1]],
  [[5], []],
  [
    [3, 7],
    [3, 7],
  ],
  [[3, 7], [7]],
  [
    [3, 8],
    [3, 1],
  ],
  [[7], [3, 7]],
  [
    [2, 1, 5],
    [4, 1],
  ],
  [
    [2, 3, 4],
    [3, 1],
  ],
  [
    [2, 3, 5, 4],
    [2, 1, 5, 1],
  ],
  [
    [6, 1, 3, 1, 2],
    [1, 5, 1, 4, 1],
  ],
  [[2, 0, 3], [3]],
];
const ofTwo = (
  name: string,
  compute: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  range: [number, number] = [2, 0],
  gradient = true,
): Operation[] =>
  pairs.map((shapes) => ({
    name: `${name} [${shapes[0]}] [${shapes[1]}]`,
    shapes,
    compute: compute as Operation['compute'],
    range,
    gradient,
  }));

export const operations: Operation[] = [
  ...ofOne('exp', tf.exp),
  ...ofOne('exp, far out', (x) => tf.exp(tf.concat([x, tf.mul(x, 40), tf.mul(x, 1e9)], 0)), [2.5, 0]).map(
    (one) => ({ ...one, gradient: false, tolerance: 1e-6 }),
  ),
  ...ofOne('erf', tf.erf),
  ...ofOne('tanh', tf.tanh),
  ...ofOne('sigmoid', tf.sigmoid),
  ...ofOne('square', tf.square),
  ...ofOne('sqrt', tf.sqrt, [1, 2]),
  ...ofOne('rsqrt', tf.rsqrt, [1, 2]),
  ...ofOne('relu', tf.relu),
  ...ofOne('neg', tf.neg),
  ...ofOne('elu', tf.elu),
  ...ofOne('step', (x) => tf.step(x, 0.25)).map((one) => ({ ...one, gradient: false })),
  ...ofTwo('add', tf.add),
  ...ofTwo('sub', tf.sub),
  ...ofTwo('mul', tf.mul),
  ...ofTwo('div', tf.div, [1, 2]),
  ...ofTwo('maximum', tf.maximum, [2, 0], false),
  ...ofTwo('minimum', tf.minimum, [2, 0], false),
  ...ofTwo('squaredDifference', tf.squaredDifference, [2, 0], false),
  ...[undefined, 0, 1, 2, [0, 1], [1, 2], [0, 2]].flatMap((axis): Operation[] =>
    [true, false].flatMap((keep) =>
      [
        [3, 5, 7],
        [4, 1, 9],
        [1, 70, 3],
        [2, 130, 18],
        [5, 2, 1],
      ].map((shape) => ({
        name: `sum and mean of [${shape}] over ${axis}${keep ? ', kept' : ''}`,
        shapes: [shape],
        compute: (x) => tf.add(tf.sum(x, axis, keep), tf.mul(tf.mean(x, axis, keep), 3)),
      })),
    ),
  ),
  ...[
    [1, 1],
    [3, 5],
    [4, 2, 16],
    [7, 23],
    [2, 1],
  ].map((shape): Operation => ({
    name: `softmax [${shape}]`,
    shapes: [shape],
    compute: (x) => tf.softmax(x),
    range: [8, 0],
  })),
  {
    name: 'softmax with members left out',
    shapes: [[3, 9]],
    range: [8, 0],
    compute: (x) => tf.softmax(tf.add(x, tf.tensor1d([0, -1e9, 0, 0, -1e9, 0, 0, 0, -1e9]))),
  },
  ...(
    [
      [
        [2, 3],
        [1, 0],
      ],
      [
        [17, 33],
        [1, 0],
      ],
      [
        [2, 3, 4],
        [2, 0, 1],
      ],
      [
        [5, 6, 7],
        [2, 1, 0],
      ],
      [
        [3, 4, 5],
        [1, 0, 2],
      ],
      [
        [2, 17, 3, 8],
        [0, 2, 1, 3],
      ],
      [
        [2, 3, 4, 5],
        [0, 2, 3, 1],
      ],
      [
        [4, 3, 5, 2],
        [3, 1, 0, 2],
      ],
      [
        [2, 3, 4, 5, 6],
        [2, 0, 3, 1, 4],
      ],
      [
        [2, 3, 4, 3, 2],
        [4, 3, 2, 1, 0],
      ],
      [
        [2, 3, 2, 3, 2, 3],
        [5, 2, 0, 3, 1, 4],
      ],
      [
        [1, 5, 1, 4],
        [3, 2, 1, 0],
      ],
      [
        [0, 3],
        [1, 0],
      ],
    ] as [number[], number[]][]
  ).map(([shape, order]): Operation => ({
    name: `transpose [${shape}] to ${order}`,
    shapes: [shape],
    compute: (x) => tf.transpose(x, order),
    gradient: shape.length < 6,
  })),
  { name: 'slice 2D', shapes: [[5, 7]], compute: (x) => tf.slice(x, [1, 2], [3, 4]) },
  { name: 'slice 4D', shapes: [[3, 4, 5, 6]], compute: (x) => tf.slice(x, [1, 1, 1, 1], [2, 2, 3, 4]) },
  {
    name: 'slice of nothing',
    shapes: [[3, 4]],
    compute: (x) => tf.slice(x, [1, 0], [0, 4]),
    gradient: false,
  },
  { name: 'split', shapes: [[4, 9]], compute: (x) => tf.concat(tf.split(x, [3, 0, 6], 1).reverse(), 1) },
  { name: 'unstack and stack', shapes: [[3, 4, 5]], compute: (x) => tf.stack(tf.unstack(x, 1).reverse(), 2) },
  {
    name: 'concat',
    shapes: [
      [3, 4],
      [3, 2],
    ],
    compute: (a, b) => tf.concat([a!, b!], 1),
  },
  ...(
    [
      [
        [1, 2],
        [0, 3],
      ],
      [
        [0, 0],
        [2, 1],
      ],
      [
        [3, 0],
        [0, 0],
      ],
    ] as [number, number][][]
  ).map((paddings): Operation => ({
    name: `pad ${paddings.join(' ')}`,
    shapes: [[5, 6]],
    compute: (x) => tf.pad(x, paddings as [[number, number], [number, number]], 0.5),
  })),
  ...(
    [
      ['1x1', [2, 5, 4, 3], [1, 1, 3, 6], 1, 'valid'],
      ['3x3 same', [2, 8, 7, 3], [3, 3, 3, 4], 1, 'same'],
      ['2x5, stride 2', [1, 9, 11, 2], [2, 5, 2, 5], 2, 'valid'],
      ['3x3, stride 2, same', [3, 9, 8, 5], [3, 3, 5, 2], 2, 'same'],
      ['1x64 of one map', [2, 3, 128, 1], [1, 64, 1, 8], 1, 'same'],
      ['with explicit padding', [1, 6, 6, 2], [3, 3, 2, 3], 1, 2],
      ['of a single value', [1, 1, 1, 1], [1, 1, 1, 1], 1, 'valid'],
    ] as const
  ).map(([name, x, filter, strides, pad]): Operation => ({
    name: `conv2d ${name}`,
    shapes: [[...x], [...filter]],
    compute: (x, filter) =>
      tf.conv2d(
        x as tf.Tensor4D,
        filter as tf.Tensor4D,
        strides,
        pad,
        'NHWC',
        1,
        pad === 2 ? 'floor' : undefined,
      ),
  })),
  {
    name: 'conv2d dilated',
    shapes: [
      [2, 9, 9, 3],
      [3, 3, 3, 4],
    ],
    gradient: false,
    compute: (x, filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same', 'NHWC', 2),
  },
  ...([1, 2, 3] as const).map((stride): Operation => ({
    name: `conv1d, stride ${stride}`,
    shapes: [
      [3, 17, 5],
      [4, 5, 6],
    ],
    compute: (x, filter) => tf.conv1d(x as tf.Tensor3D, filter as tf.Tensor3D, stride, 'same'),
  })),
  {
    name: 'conv2dTranspose',
    shapes: [
      [2, 5, 5, 4],
      [3, 3, 3, 4],
    ],
    compute: (x, filter) =>
      tf.conv2dTranspose(x as tf.Tensor4D, filter as tf.Tensor4D, [2, 10, 10, 3], 2, 'same'),
  },
  {
    name: 'conv3d',
    shapes: [
      [2, 4, 5, 6, 2],
      [2, 3, 3, 2, 3],
    ],
    compute: (x, filter) => tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, 1, 'same'),
  },
  {
    name: 'conv3d, stride 2',
    shapes: [
      [1, 6, 5, 7, 3],
      [3, 2, 3, 3, 2],
    ],
    compute: (x, filter) => tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, 2, 'valid'),
  },
  ...(
    [
      [3, 1, 1, 'same'],
      [8, 1, 2, 'same'],
      [5, 1, 1, 'valid'],
      [3, 2, 1, 'same'],
      [2, 3, 2, 'valid'],
    ] as const
  ).map(([channels, multiplier, stride, pad]): Operation => ({
    name: `depthwise of ${channels} channels times ${multiplier}, stride ${stride}, ${pad}`,
    shapes: [
      [2, 7, 9, channels],
      [3, 4, channels, multiplier],
    ],
    compute: (x, filter) => tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, pad),
  })),
  ...(
    [
      [2, 2, 'valid'],
      [3, 2, 'same'],
      [3, 1, 'same'],
    ] as const
  ).map(([size, stride, pad]): Operation => ({
    name: `maxPool ${size}, stride ${stride}, ${pad}`,
    shapes: [[2, 8, 7, 3]],
    compute: (x) => tf.maxPool(x as tf.Tensor4D, size, stride, pad),
  })),
  {
    name: 'maxPool of equal values',
    shapes: [[1, 6, 6, 2]],
    compute: (x) => tf.maxPool(tf.relu(tf.sub(x, 0.5)) as tf.Tensor4D, 3, 2, 'same'),
  },
  { name: 'gather', shapes: [[9, 4]], compute: (x) => tf.gather(x, tf.tensor1d([1, 5, 5, 0, 8], 'int32')) },
  {
    name: 'gather over axis 1',
    shapes: [[3, 9, 5]],
    compute: (x) => tf.gather(x, tf.tensor1d([1, 5, 5, 0, 8], 'int32'), 1),
  },
  {
    name: 'unsortedSegmentSum',
    shapes: [[6, 4, 3]],
    compute: (x) => tf.unsortedSegmentSum(x, tf.tensor1d([0, 2, 2, 1, -1, 4], 'int32'), 5),
  },
];
