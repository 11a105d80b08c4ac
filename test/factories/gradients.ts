import assert from 'node:assert/strict';
import {
  add,
  conv2d,
  depthwiseConv2d,
  grads,
  maxPool,
  mean,
  memory,
  mul,
  pad,
  relu,
  reshape,
  setBackend,
  sigmoid,
  sum,
  type Tensor,
  type Tensor4D,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';

/** Something to differentiate: tensors of these shapes in, one out. */
export interface Question {
  readonly shapes: readonly (readonly number[])[];
  readonly ask: (inputs: Tensor[]) => Tensor;
}

/** One pixel and three pixels of zeros around a picture. */
const EDGE: [number, number][] = [
  [0, 0],
  [1, 1],
  [1, 1],
  [0, 0],
];
const WIDE_EDGE: [number, number][] = [
  [0, 0],
  [3, 3],
  [3, 3],
  [0, 0],
];

/** What networks are made of besides convolutions padded as TensorFlow does. */
export const PARTS: Record<string, Question> = {
  // The backend's own kernel forgets windows of negative values; in the networks a maximum always follows a ReLU.
  'a maximum over 2x2 after ReLU': {
    shapes: [[2, 8, 8, 5]],
    ask: ([x]) => maxPool(relu(x as Tensor4D), 2, 2, 'valid'),
  },
  'a maximum over 3x3, padded with zeros, stride 2': {
    shapes: [[2, 9, 9, 5]],
    ask: ([x]) => maxPool(pad(relu(x as Tensor4D), EDGE), 3, 2, 'valid'),
  },
  'a 7x7 convolution of a picture padded with zeros, stride 2': {
    shapes: [
      [2, 16, 16, 3],
      [7, 7, 3, 4],
    ],
    ask: ([x, filter]) => conv2d(pad(x as Tensor4D, WIDE_EDGE), filter as Tensor4D, 2, 'valid'),
  },
  'a valid convolution that leaves a row over': {
    shapes: [
      [2, 8, 8, 3],
      [3, 3, 3, 4],
    ],
    ask: ([x, filter]) => conv2d(x as Tensor4D, filter as Tensor4D, 2, 'valid'),
  },
  'a depthwise convolution padded with zeros': {
    shapes: [
      [2, 8, 8, 6],
      [3, 3, 6, 1],
    ],
    ask: ([x, filter]) => depthwiseConv2d(pad(x as Tensor4D, EDGE), filter as Tensor4D, 2, 'valid'),
  },
  'sigmoid and swish': {
    shapes: [[2, 5, 5, 4]],
    ask: ([x]) => add(sigmoid(x as Tensor), mul(x as Tensor, sigmoid(x as Tensor))),
  },
  'squeeze and excite': {
    shapes: [
      [2, 6, 6, 8],
      [1, 1, 8, 2],
      [1, 1, 2, 8],
    ],
    ask: ([x, reduce, expand]) => {
      const squeezed = reshape(mean(x as Tensor, [1, 2]), [2, 1, 1, 8]) as Tensor4D;
      const reduced = conv2d(squeezed, reduce as Tensor4D, 1, 'same');
      const excited = conv2d(mul<Tensor4D>(reduced, sigmoid(reduced)), expand as Tensor4D, 1, 'same');
      return mul(x as Tensor, sigmoid(excited));
    },
  },
};

/** Gradients of a fixed weighted sum of the answer with respect to all that it was made from. */
export async function gradientsOn(backend: string, { shapes, ask }: Question): Promise<Float32Array[]> {
  await setBackend(backend);
  const before = memory().numTensors;
  const inputs = shapes.map((shape, i) => waves(shape, [1.3, 0.7, 0.9][i] ?? 1));
  const shape = tidy(() => ask(inputs).shape);
  const weights = waves(shape, 2.1);
  const results = grads((...all: Tensor[]) => sum(mul(ask(all), weights)))(inputs);
  const values = await Promise.all(results.map(async (result) => (await result.data<'float32'>()).slice()));
  for (const made of [...inputs, weights, ...results]) made.dispose();
  assert.equal(memory().numTensors, before, `${backend} leaks no tensor`);
  return values;
}

function waves(shape: readonly number[], step: number): Tensor {
  const length = shape.reduce((product, side) => product * side, 1);
  return tensor(
    Float32Array.from({ length }, (_, i) => Math.sin(i * step) + 0.1 * Math.cos(i * 0.01)),
    [...shape],
  );
}

/** Largest difference in units of the largest expected value. */
export function differenceOf(actual: Float32Array | undefined, expected: Float32Array): number {
  assert.equal(actual?.length, expected.length);
  const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const worst = expected.reduce((max, value, i) => Math.max(max, Math.abs((actual?.[i] ?? Number.NaN) - value)), 0);
  return largest === 0 ? worst : worst / largest;
}
