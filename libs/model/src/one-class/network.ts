import { type LayersModel, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { type Backbone, layerAtCut } from '../backbones/backbone.js';
import { applyPooling, OUTPUT_LAYER } from '../head.js';
import { buildBase, type InputSize } from '../network.js';
import type { WeightMap } from '../weights/weight-map.js';
import { DefectOdds, PatchDistance } from './layers.js';
import type { PatchMemory } from './patch-memory.js';

const DISTANCE = 'patch_distance';

/** Layers computed in float32 in every precision: a fourth power leaves half precision at once. */
export const ONE_CLASS_LAYERS = [DISTANCE, OUTPUT_LAYER] as const;

/**
 * The layer whose patches are remembered: the last but one block's (Lite0: `block6d`, a patch for every 32 pixels). The last
 * block is made for the classes of ImageNet. What lies behind the patches is not needed.
 */
export function patchLayer(backbone: Backbone): string {
  return layerAtCut(backbone, backbone.blocks.length - 1);
}

/**
 * One-class network: normalised picture [n, h, w, 3] -> [P(good), P(defect)] by the distance of its patches from good ones.
 * @throws InputError BACKBONE_SIZE
 */
export function buildOneClass(backbone: Backbone, size: InputSize, patches: number): LayersModel {
  const whole = buildBase(backbone, size);
  const map = whole.getLayer(patchLayer(backbone)).output as SymbolicTensor;
  const distances = new PatchDistance({ name: DISTANCE, patches }).apply(map) as SymbolicTensor;
  const odds = new DefectOdds({ name: OUTPUT_LAYER }).apply(distances) as SymbolicTensor;
  return model({ name: backbone.name, inputs: whole.inputs, outputs: [odds, applyPooling(map)] });
}

/** Base up to the patches: normalised picture [n, h, w, 3] -> map [n, h, w, c]. */
export function buildPatchBase(backbone: Backbone, size: InputSize): LayersModel {
  const whole = buildBase(backbone, size);
  const map = whole.getLayer(patchLayer(backbone)).output as SymbolicTensor;
  return model({ name: backbone.name, inputs: whole.inputs, outputs: map });
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
