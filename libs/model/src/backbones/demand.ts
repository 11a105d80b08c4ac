import { isConvolution, type Layer } from './layer.js';
import { measureShapes } from './measure.js';

/** A tensor a checkpoint must bring, named `layer/role` in Keras' terms, laid out as TensorFlow does. */
export interface Demand {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Tensors of a batch norm in the order Keras keeps them. */
export const NORM_ROLES = ['gamma', 'beta', 'moving_mean', 'moving_variance'] as const;
/** Tensors of the layer that normalises pictures. Keras keeps a `count` behind them, which readers leave aside. */
const NORMALIZATION_ROLES = ['mean', 'variance'] as const;

/**
 * Everything that a checkpoint of this network holds, in the layers' order and each layer's own: kernels [h, w, in,
 * out], depthwise kernels [h, w, in, 1], biases and norms [channels].
 */
export function demandsOf(layers: readonly Layer[]): Demand[] {
  // Channels do not depend on the picture's size, which only has to be large enough for every window.
  const shapes = measureShapes(layers, { height: 512, width: 512 });
  const channelsInto = ({ inputs }: Layer) => shapes.get(inputs[0] ?? '')?.[2] ?? 0;
  return layers.flatMap((layer): Demand[] => {
    const { name } = layer;
    const into = channelsInto(layer);
    if (isConvolution(layer)) {
      const { kernel, bias } = layer;
      const out = layer.kind === 'conv' ? layer.filters : into;
      const shape = layer.kind === 'conv' ? [kernel, kernel, into, out] : [kernel, kernel, into, 1];
      const role = kernelRole(layer);
      return [{ name: `${name}/${role}`, shape }, ...(bias ? [{ name: `${name}/bias`, shape: [out] }] : [])];
    }
    if (layer.kind === 'norm') return NORM_ROLES.map((role) => ({ name: `${name}/${role}`, shape: [into] }));
    if (layer.kind === 'normalization')
      return NORMALIZATION_ROLES.map((role) => ({ name: `${name}/${role}`, shape: [into] }));
    return [];
  });
}

/** What Keras calls a convolution's kernel. */
export function kernelRole(layer: Layer): 'kernel' | 'depthwise_kernel' {
  return layer.kind === 'depthwise' ? 'depthwise_kernel' : 'kernel';
}

/** Values in the convolutions and norms, running statistics included: what Keras and PyTorch state as parameters. */
export function countParameters(layers: readonly Layer[]): number {
  const own = new Set(layers.filter(({ kind }) => kind !== 'normalization').map(({ name }) => name));
  return demandsOf(layers)
    .filter(({ name }) => own.has(name.slice(0, name.lastIndexOf('/'))))
    .reduce((sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1), 0);
}
