import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { UNFILLED } from '../backbones/apply-layers.js';
import type { WeightMap } from '../weights/weight-map.js';
import type { Mahalanobis } from './mahalanobis.js';

/** Output of the guard: how unlike training a picture is, [n, 1]. */
export const DISTANCE_LAYER = 'distance';
export const GUARD_POOL = 'guard_pool';
const WHITEN = 'guard_whiten';
const SQUARE = 'guard_square';

/** Layers that are computed in float32 in every precision: half a digit of a small spread is many distances. */
export const GUARD_LAYERS = [GUARD_POOL, WHITEN, SQUARE, DISTANCE_LAYER] as const;

/** Feature map [h, w, c] -> [c]. */
export function applyGuardPooling(map: SymbolicTensor): SymbolicTensor {
  return layers.globalAveragePooling2d({ name: GUARD_POOL }).apply(map) as SymbolicTensor;
}

/** Feature map [h, w, c] -> distance [1]: pooled, whitened, squared, summed. */
export function applyGuard(map: SymbolicTensor): SymbolicTensor {
  const pooled = applyGuardPooling(map);
  const units = Number(pooled.shape.at(-1));
  const whitened = layers.dense({ name: WHITEN, units, kernelInitializer: UNFILLED }).apply(pooled) as SymbolicTensor;
  const squares = layers.multiply({ name: SQUARE }).apply([whitened, whitened]) as SymbolicTensor;
  const sum = layers.dense({ name: DISTANCE_LAYER, units: 1, useBias: false, kernelInitializer: UNFILLED });
  return sum.apply(squares) as SymbolicTensor;
}

/** A fitted distance as the weights of these layers. */
export function guardWeights({ kernel, bias }: Mahalanobis): WeightMap {
  const c = bias.length;
  return new Map([
    [`${WHITEN}/kernel`, { shape: [c, c], data: kernel }],
    [`${WHITEN}/bias`, { shape: [c], data: bias }],
    [`${DISTANCE_LAYER}/kernel`, { shape: [c, 1], data: new Float32Array(c).fill(1) }],
  ]);
}
