import { InvariantError } from '#contracts';
import type { Layer, Padding } from './layer.js';

/** Height, width, channels of one picture's tensor (NHWC without the batch). */
export type Shape3 = readonly [height: number, width: number, channels: number];

/** Output shape of every layer for a picture of this size, [h, w, c]; a vector of c values is [1, 1, c]. */
export function measureShapes(
  layers: readonly Layer[],
  picture: { height: number; width: number },
): Map<string, Shape3> {
  const shapes = new Map<string, Shape3>();
  for (const layer of layers) {
    const before = layer.inputs.map((name) => {
      const shape = shapes.get(name);
      if (shape === undefined) throw new InvariantError(`Layer ${layer.name} reads ${name}, which comes later.`);
      return shape;
    });
    shapes.set(layer.name, shapeOf(layer, before[0] ?? [picture.height, picture.width, 3]));
  }
  return shapes;
}

function shapeOf(layer: Layer, [height, width, channels]: Shape3): Shape3 {
  switch (layer.kind) {
    case 'conv':
    case 'depthwise': {
      const side = (length: number) => sideAfter(length, { ...layer, size: layer.kernel });
      return [side(height), side(width), layer.kind === 'conv' ? layer.filters : channels];
    }
    case 'maxPool':
      return [sideAfter(height, layer), sideAfter(width, layer), channels];
    case 'average':
      return [1, 1, channels];
    default:
      return [height, width, channels];
  }
}

function sideAfter(length: number, window: { size: number; stride: number; padding: Padding }): number {
  const { size, stride, padding } = window;
  if (padding === 'same') return Math.ceil(length / stride);
  const padded = length + 2 * (padding === 'valid' ? 0 : padding);
  return Math.floor((padded - size) / stride) + 1;
}

/** Multiply-accumulates of all convolutions for one picture of this size. */
export function countMacs(layers: readonly Layer[], picture: { height: number; width: number }): number {
  const shapes = measureShapes(layers, picture);
  return layers.reduce((sum, layer) => {
    if (layer.kind !== 'conv' && layer.kind !== 'depthwise') return sum;
    const [height, width, out] = shapes.get(layer.name) ?? [0, 0, 0];
    const into = layer.kind === 'conv' ? (shapes.get(layer.inputs[0] ?? '')?.[2] ?? 0) : 1;
    return sum + height * width * out * into * layer.kernel ** 2;
  }, 0);
}
