import { input, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { Backbone } from './backbones/backbone.js';
import { applyHead, applyPooling, type Head, penultimateSize } from './head.js';

/** Side lengths of the picture a network reads, pixels. */
export interface InputSize {
  readonly height: number;
  readonly width: number;
}

/** Where a network is cut in two: before a block (0 = after the stem), or after pooling (`embedding`: only the head is open). */
export type Cut = number | 'embedding';

export const PICTURE_INPUT = 'picture';
export const CUT_INPUT = 'cut';
export const MASK_INPUT = 'mask';

/** Whole network: normalised picture [n, h, w, 3] -> probabilities [n, labels]. */
export function buildNetwork(backbone: Backbone, head: Head, size: InputSize): LayersModel {
  const picture = input({ name: PICTURE_INPUT, shape: [size.height, size.width, 3] });
  const embedding = applyPooling(backbone.applyOpen(backbone.applyFrozen(picture, 0), 0));
  const drop = (x: SymbolicTensor) =>
    layers.dropout({ name: 'dropout', rate: head.dropout }).apply(x) as SymbolicTensor;
  const probabilities = applyHead(embedding, { head, activation: 'softmax', drop });
  return model({ name: backbone.name, inputs: picture, outputs: probabilities });
}

/** Base without a head: normalised picture [n, h, w, 3] -> embedding [n, c]. `cutLayer` names the layer that a cut taps. */
export function buildBase(backbone: Backbone, size: InputSize, cut: number): { base: LayersModel; cutLayer: string } {
  const picture = input({ name: PICTURE_INPUT, shape: [size.height, size.width, 3] });
  const cutMap = backbone.applyFrozen(picture, cut);
  const embedding = applyPooling(backbone.applyOpen(cutMap, cut));
  return {
    base: model({ name: backbone.name, inputs: picture, outputs: embedding }),
    cutLayer: cutMap.sourceLayer.name,
  };
}

/**
 * What is trained: the open part of a network, from the cut to the logits.
 * Inputs [cut map or embedding, dropout mask [n, penultimate]]; output logits [n, labels].
 */
export function buildTail(options: { backbone: Backbone; head: Head; size: InputSize; cut: Cut }): LayersModel {
  const { backbone, head, size, cut } = options;
  const shape = cut === 'embedding' ? [backbone.featureSize] : [...backbone.shapeAtCut(cut, size)];
  const cutMap = input({ name: CUT_INPUT, shape });
  const embedding = cut === 'embedding' ? cutMap : applyPooling(backbone.applyOpen(cutMap, cut));
  const mask = input({ name: MASK_INPUT, shape: [penultimateSize(head, backbone.featureSize)] });
  const drop = (x: SymbolicTensor) => layers.multiply({ name: 'drop' }).apply([x, mask]) as SymbolicTensor;
  const logits = applyHead(embedding, { head, activation: 'linear', drop });
  return model({ name: 'tail', inputs: [cutMap, mask], outputs: logits });
}

/** Values in one picture's tensor at the cut. */
export function cutLength(backbone: Backbone, size: InputSize, cut: Cut): number {
  if (cut === 'embedding') return backbone.featureSize;
  return backbone.shapeAtCut(cut, size).reduce((product, side) => product * side, 1);
}
