import type { LayersModel } from '@tensorflow/tfjs-layers';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { StoredTensor } from '#model/weights/safetensors';
import type { WeightMap } from '#model/weights/weight-map';

/**
 * Weights that keep activations at a sane size (He et al. 2015, arXiv:1502.01852: variance 2 / fan in), because numbers
 * that overflow or fade away cost another time than real ones. Same seed, same weights.
 */
export function randomWeights(model: LayersModel, seed: number): WeightMap {
  const random = xoroshiro128plus(seed);
  const weights = new Map<string, StoredTensor>();
  for (const { originalName, shape } of model.weights) {
    const sides = shape.map(Number);
    const isDepthwise = originalName.endsWith('depthwise_kernel');
    const fanIn = sides.slice(0, isDepthwise ? 2 : -1).reduce((product, side) => product * side, 1);
    // An even spread of half width w has variance w^2 / 3.
    const limit = sides.length === 1 ? 0 : Math.sqrt(6 / fanIn);
    const length = sides.reduce((product, side) => product * side, 1);
    const data = Float32Array.from({ length }, () => (2 * uniformFloat64(random) - 1) * limit);
    weights.set(originalName, { shape: sides, data });
  }
  return weights;
}
