import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { Normalise } from '../card.js';

/** Height, width, channels of one picture's tensor (NHWC without the batch). */
export type Shape3 = readonly [height: number, width: number, channels: number];

/**
 * One pretrained network without its classifier. Blocks are the units of freezing: a cut at block k means that the
 * stem and blocks 0..k-1 stay frozen and blocks k.. plus the top convolution are open.
 *
 * Batch norms do not appear: they are frozen for good and folded into the convolution before them, so every
 * convolution here has a bias.
 */
export interface Backbone {
  readonly name: string;
  /** Side of the square input the weights were trained at, pixels. Other sizes work. */
  readonly inputSize: number;
  /** The network reads (rgb - mean) / std with rgb in 0..255. */
  readonly normalise: Normalise;
  /** Channels of the last feature map = length of the embedding. */
  readonly featureSize: number;
  /** Names of the blocks in order; their index is the cut. */
  readonly blocks: readonly string[];
  readonly paper: string;
  /** Layers that lie before the cut, from the picture on. Name of the last one = {@link cutLayer}. */
  applyFrozen(picture: SymbolicTensor, cut: number): SymbolicTensor;
  /** Layers from the cut to the last feature map. */
  applyOpen(cutMap: SymbolicTensor, cut: number): SymbolicTensor;
  /** Shape of the tensor at the cut for a picture of this size. */
  shapeAtCut(cut: number, picture: { height: number; width: number }): Shape3;
}
