import { type LayersModel, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { type Backbone, layerAtCut } from '../backbones/backbone.js';
import { buildBase, type Cut, type InputSize } from '../network.js';
import { applyGuardPooling } from './layers.js';

/**
 * Layer whose pooled output the guard measures: frozen, so that it is the same before and after training, and in the
 * middle of the network, where light, focus and texture still show. What a classifier reads forgets them.
 */
export function guardedLayer(backbone: Backbone, cut: Cut): string {
  const middle = backbone.blocks.indexOf(backbone.openFrom);
  const latest = middle < 0 ? backbone.blocks.length : middle;
  return layerAtCut(backbone, cut === 'embedding' ? latest : Math.min(cut, latest));
}

/**
 * Base up to a layer: normalised picture [n, h, w, 3] -> its pooled output [n, c].
 * @throws InputError BACKBONE_SIZE
 */
export function buildPooledBase(backbone: Backbone, size: InputSize, layer: string): LayersModel {
  const whole = buildBase(backbone, size);
  const pooled = applyGuardPooling(whole.getLayer(layer).output as SymbolicTensor);
  return model({ name: backbone.name, inputs: whole.inputs, outputs: pooled });
}
