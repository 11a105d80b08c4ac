import { type SymbolicTensor, layers as tf } from '@tensorflow/tfjs-layers';
import { InvariantError } from '#contracts';
import { type Layer, type Padding } from './layer.js';

/** Weights are filled by name afterwards; drawing random ones first costs seconds for a large network. */
export const UNFILLED = 'zeros';

/**
 * Folded layers as tfjs layers of the same names.
 * @param start what the first of them read, by its name
 * @returns the output of the last layer, or of `start` when there are no layers
 */
export function applyLayers(layers: readonly Layer[], start: { name: string; value: SymbolicTensor }): SymbolicTensor {
  const values = new Map<string, SymbolicTensor>([[start.name, start.value]]);
  let last = start.value;
  for (const layer of layers) {
    if (layer.name === start.name) continue;
    const inputs = layer.inputs.map((name) => {
      const value = values.get(name);
      if (value === undefined)
        throw new InvariantError(`Layer ${layer.name} reads ${name}, which lies behind the cut.`);
      return value;
    });
    last = applyLayer(layer, inputs);
    values.set(layer.name, last);
  }
  return last;
}

function applyLayer(layer: Layer, inputs: SymbolicTensor[]): SymbolicTensor {
  const { name } = layer;
  const [x] = inputs;
  if (x === undefined) throw new InvariantError(`Layer ${name} reads nothing.`);
  switch (layer.kind) {
    case 'conv': {
      const { filters, bias: useBias, activation } = layer;
      const { value, window } = pad(layer, x);
      return one(
        tf.conv2d({ name, filters, ...window, useBias, activation, kernelInitializer: UNFILLED }).apply(value),
      );
    }
    case 'depthwise': {
      const { bias: useBias, activation } = layer;
      const { value, window } = pad(layer, x);
      return one(
        tf.depthwiseConv2d({ name, ...window, useBias, activation, depthwiseInitializer: UNFILLED }).apply(value),
      );
    }
    case 'maxPool': {
      const { value, window } = pad({ ...layer, kernel: layer.size }, x);
      const { kernelSize: poolSize, strides, padding } = window;
      return one(tf.maxPooling2d({ name, poolSize, strides, padding }).apply(value));
    }
    case 'activation':
      return one(tf.activation({ name, activation: layer.activation }).apply(x));
    case 'average':
      return one(tf.globalAveragePooling2d({ name }).apply(x));
    case 'onePixel':
      return one(tf.reshape({ name, targetShape: [1, 1, Number(x.shape.at(-1))] }).apply(x));
    case 'add':
      return one(tf.add({ name }).apply(inputs));
    case 'multiply':
      return one(tf.multiply({ name }).apply(inputs));
    case 'input':
    case 'identity':
    case 'normalization':
    case 'norm':
      throw new InvariantError(`Layer ${name} is a ${layer.kind}, which folding takes away.`);
  }
}

interface Window {
  readonly kernelSize: number;
  readonly strides: number;
  readonly padding: 'same' | 'valid';
}

/** Zeros on every side are a layer of their own in tfjs. After ReLU they also serve a maximum. */
function pad(
  layer: { name: string; kernel: number; stride: number; padding: Padding },
  x: SymbolicTensor,
): { value: SymbolicTensor; window: Window } {
  const { name, kernel: kernelSize, stride: strides, padding } = layer;
  if (padding === 'same' || padding === 'valid') return { value: x, window: { kernelSize, strides, padding } };
  const value = one(tf.zeroPadding2d({ name: `${name}_padding`, padding }).apply(x));
  return { value, window: { kernelSize, strides, padding: 'valid' } };
}

function one(output: unknown): SymbolicTensor {
  if (Array.isArray(output)) throw new InvariantError('A layer of this network has one output, got several.');
  return output as SymbolicTensor;
}
