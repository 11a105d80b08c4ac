import type { LayersModel } from '@tensorflow/tfjs-layers';
import { InvariantError } from '#contracts';
import { isHeadWeight } from '../head.js';
import type { StoredTensor } from '../weights/safetensors.js';
import type { WeightMap } from '../weights/weight-map.js';

/** One trained tensor's place in the flat parameter vector. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
  /** Each group learns at its own rate. */
  readonly group: 'base' | 'head';
  /** Biases do not decay. */
  readonly decays: boolean;
  /** False for layers behind the cut that stay frozen: they are loaded and never change. */
  readonly isOpen: boolean;
}

/** Every weight of a tail, laid end to end in layer order: what workers share and an optimiser moves. */
export function layOut(tail: LayersModel): Parameter[] {
  const parameters: Parameter[] = [];
  let offset = 0;
  const open = new Set(tail.trainableWeights.map(({ originalName }) => originalName));
  for (const variable of tail.weights) {
    const name = variable.originalName;
    const shape = variable.shape.map((side) => side ?? 0);
    const length = shape.reduce((product, side) => product * side, 1);
    const group = isHeadWeight(name) ? 'head' : 'base';
    const decays = !name.endsWith('/bias');
    parameters.push({ name, shape, offset, length, group, decays, isOpen: open.has(name) });
    offset += length;
  }
  return parameters;
}

/** Number of values that learn. */
export function openLength(parameters: readonly Parameter[]): number {
  return totalLength(parameters.filter(({ isOpen }) => isOpen));
}

/** Number of values in the flat vector. */
export function totalLength(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, { length }) => sum + length, 0);
}

/** Copy named weights into the flat vector. */
export function pack(parameters: readonly Parameter[], weights: WeightMap, into: Float32Array): void {
  for (const { name, offset, length } of parameters) {
    const stored = weights.get(name);
    if (stored?.data.length !== length) throw new InvariantError(`No weights of length ${length} for ${name}.`);
    into.set(stored.data, offset);
  }
}

/** Named copies of the flat vector's parts. */
export function unpack(parameters: readonly Parameter[], flat: Float32Array): WeightMap {
  const weights = new Map<string, StoredTensor>();
  for (const { name, shape, offset, length } of parameters) {
    weights.set(name, { shape, data: flat.slice(offset, offset + length) });
  }
  return weights;
}
