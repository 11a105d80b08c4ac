import { createHash } from 'node:crypto';
import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { InputError } from '#contracts';
import type { StoredTensor } from './safetensors.js';

/** Weights by `layer/weight` name, as in `block3a_dwconv/depthwise_kernel`. Layer names are an API. */
export type WeightMap = ReadonlyMap<string, StoredTensor>;

/**
 * Fill every weight of a model by name.
 * @throws InputError WEIGHTS_MISSING | WEIGHTS_SHAPE naming the first weight that is unfilled or misshapen
 */
export function fillModel(model: LayersModel, weights: WeightMap): void {
  for (const layer of model.layers) {
    if (layer.weights.length === 0) continue;
    const values = layer.weights.map((variable) => toTensor(variable.originalName, variable.shape, weights));
    layer.setWeights(values);
    for (const value of values) value.dispose();
  }
}

function toTensor(name: string, shape: readonly (number | null)[], weights: WeightMap): Tensor {
  const stored = weights.get(name);
  if (stored === undefined)
    throw new InputError('WEIGHTS_MISSING', `No weights for ${name}: the file is of another network.`);
  if (stored.shape.join() !== shape.join()) {
    throw new InputError(
      'WEIGHTS_SHAPE',
      `Weights of ${name} have shape [${stored.shape}], the network needs [${shape}].`,
    );
  }
  return tensor(stored.data, [...stored.shape], 'float32');
}

/** sha256 over names, shapes and little-endian data in name order: equal weights, equal hash. */
export function hashWeights(weights: WeightMap): string {
  const hash = createHash('sha256');
  for (const name of [...weights.keys()].sort()) {
    const stored = weights.get(name);
    if (stored === undefined) continue;
    hash.update(`${name}:${stored.shape.join('x')};`);
    hash.update(new Uint8Array(stored.data.buffer, stored.data.byteOffset, stored.data.byteLength));
  }
  return hash.digest('hex');
}
