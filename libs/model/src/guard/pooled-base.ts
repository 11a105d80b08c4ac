import { type LayersModel, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { type Backbone, layerAtCut, shapeAtCut } from '../backbones/backbone.js';
import type { Pooling } from '../head.js';
import { buildBase, type Cut, type InputSize } from '../network.js';
import { applyGuardPooling } from './layers.js';

/**
 * Layer whose pooled output the guard measures: frozen, so that it is the same before and after training, and in the
 * middle of the network, where light, focus and texture still show. What a classifier reads forgets them.
 */
export function guardedLayer(backbone: Backbone, cut: Cut): string {
  return layerAtCut(backbone, guardedCut(backbone, cut));
}

/** Values that the guard measures of one tile: the channels of that layer. */
export function guardedLength(backbone: Backbone, cut: Cut, size: InputSize): number {
  return shapeAtCut(backbone, guardedCut(backbone, cut), size)[2];
}

function guardedCut(backbone: Backbone, cut: Cut): number {
  const middle = backbone.blocks.indexOf(backbone.openFrom);
  const latest = middle < 0 ? backbone.blocks.length : middle;
  return cut === 'embedding' ? latest : Math.min(cut, latest);
}

/**
 * Base with what the guard measures beside it: normalised picture [n, h, w, 3] -> embedding [n, c], and the pooled output
 * of a layer, `GUARD_POOL`.
 * @throws InputError BACKBONE_SIZE
 */
export function buildPooledBase(
  backbone: Backbone,
  { layer, pooling, ...size }: InputSize & { readonly layer: string; readonly pooling?: Pooling },
): LayersModel {
  const base = buildBase(backbone, size, pooling);
  const pooled = applyGuardPooling(base.getLayer(layer).output as SymbolicTensor);
  return model({ name: backbone.name, inputs: base.inputs, outputs: [...base.outputs, pooled] });
}
