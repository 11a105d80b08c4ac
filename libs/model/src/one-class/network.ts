import { type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { InvariantError } from '#contracts';
import { type Backbone, layerAtCut, shapeAtCut } from '../backbones/backbone.js';
import { applyPooling, OUTPUT_LAYER } from '../head.js';
import { buildBase, type InputSize } from '../network.js';
import type { WeightMap } from '../weights/weight-map.js';
import { DefectOdds, PatchDistance } from './layers.js';
import type { PatchMemory } from './patch-memory.js';

export const DISTANCE = 'patch_distance';

/** Layers computed in float32 in every precision: a fourth power leaves half precision at once. */
export const ONE_CLASS_LAYERS = [DISTANCE, OUTPUT_LAYER] as const;

/** Output of {@link buildPatchBase}: the joined maps that patches are cut from. */
export const PATCH_LAYER = 'patches';
/** Blocks are joined up to so many channels: whitening costs their square. */
const MOST_CHANNELS = 1_024;

/**
 * Blocks whose maps are joined channel by channel: the first and the last with a patch as coarse as the last map's (Lite0:
 * `block6a` and `block7a`, a patch for every 32 pixels); the last alone where both have too many channels.
 */
export function patchBlocks(backbone: Backbone): string[] {
  const { blocks, inputSize } = backbone;
  const picture = { height: inputSize, width: inputSize };
  const maps = blocks.map((_, at) => ({
    layer: layerAtCut(backbone, at + 1),
    shape: shapeAtCut(backbone, at + 1, picture),
  }));
  const last = maps.at(-1);
  if (last === undefined) throw new InvariantError(`Network ${backbone.name} has no blocks.`);
  const first = maps.find(({ shape }) => shape[0] === last.shape[0]) ?? last;
  return first === last || first.shape[2] + last.shape[2] > MOST_CHANNELS ? [last.layer] : [first.layer, last.layer];
}

/** Base up to the patches: normalised picture [n, h, w, 3] -> map [n, h, w, c]. What lies behind is not needed. */
export function buildPatchBase(backbone: Backbone, size: InputSize): LayersModel {
  const whole = buildBase(backbone, size);
  const maps = patchBlocks(backbone).map((name) => whole.getLayer(name).output as SymbolicTensor);
  const joined =
    maps.length === 1
      ? layers.activation({ name: PATCH_LAYER, activation: 'linear' }).apply(maps)
      : layers.concatenate({ name: PATCH_LAYER }).apply(maps);
  return model({ name: backbone.name, inputs: whole.inputs, outputs: joined as SymbolicTensor });
}

/**
 * One-class network: normalised picture [n, h, w, 3] -> [P(good), P(defect)] by the distance of its patches from good ones.
 * @throws InputError BACKBONE_SIZE
 */
export function buildOneClass(backbone: Backbone, size: InputSize, patches: number): LayersModel {
  const { inputs, outputs } = buildPatchBase(backbone, size);
  const [map] = outputs as SymbolicTensor[];
  if (map === undefined) throw new InvariantError(`Network ${backbone.name} has no patches.`);
  const distances = new PatchDistance({ name: DISTANCE, patches }).apply(map) as SymbolicTensor;
  const odds = new DefectOdds({ name: OUTPUT_LAYER }).apply(distances) as SymbolicTensor;
  return model({ name: backbone.name, inputs, outputs: [odds, applyPooling(map)] });
}

/** What a network of {@link oneClassWeights} remembers. @throws InvariantError where the weights are another network's */
export function memoryOf(weights: WeightMap): PatchMemory {
  const read = (name: string): Float32Array => {
    const weight = weights.get(`${DISTANCE}/${name}`);
    if (weight === undefined) throw new InvariantError(`The network has no ${DISTANCE}/${name}.`);
    return weight.data;
  };
  return { whiten: read('whiten'), shift: read('shift'), memory: read('memory') };
}

/** @param limit mean of fourth powers that has P(defect) = 1/2 */
export function oneClassWeights({ whiten, shift, memory }: PatchMemory, limit: number): WeightMap {
  const c = shift.length;
  return new Map([
    [`${DISTANCE}/whiten`, { shape: [c, c], data: whiten }],
    [`${DISTANCE}/shift`, { shape: [c], data: shift }],
    [`${DISTANCE}/memory`, { shape: [memory.length / c, c], data: memory }],
    [`${OUTPUT_LAYER}/limit`, { shape: [1], data: Float32Array.of(limit) }],
  ]);
}
