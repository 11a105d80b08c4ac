import { InvariantError } from '#contracts';
import type { Normalise } from '../card.js';
import { foldLayers } from './fold-layers.js';
import { type Layer, STEM, TOP } from './layer.js';
import { measureShapes, type Shape3 } from './measure.js';

/** What a family's table says of one network. */
export interface BackboneRow {
  /** As in `efficientnet-lite0`. */
  readonly name: string;
  /**
   * Whose construction this is: the same architecture differs in strides, padding and norms between libraries, and
   * weights fit one of them only.
   */
  readonly variant: string;
  /** Side of the square input the published weights were trained at, pixels. Other sizes work. */
  readonly inputSize: number;
  /** What the network's first layer reads: (rgb - mean) / std per channel, rgb in 0..255. */
  readonly normalise: Normalise;
  /** Order in which the published weights read the channels; `bgr` stem kernels are turned when they are read. */
  readonly channels: 'rgb' | 'bgr';
  /** Layers of Keras' classifier, which a file with its top brings and which is not wanted. */
  readonly classifier: readonly string[];
  /** Licence of the weights that the variant's library publishes, as an SPDX id; null where it states none. */
  readonly licence: string | null;
  readonly paper: string;
  /** In the order of Keras Applications, the input layer first. */
  readonly layers: readonly Layer[];
}

/**
 * One pretrained network without its classifier. Blocks are the units of freezing: a cut at block k means that the
 * stem and blocks 0..k-1 stay frozen and blocks k.. plus the top convolution are open.
 */
export interface Backbone extends BackboneRow {
  /** Names of the blocks in order, stem and top apart; their index is the cut. */
  readonly blocks: readonly string[];
  /** First open block where a plan names none. */
  readonly openFrom: string;
  /** The layers as they are built: norms are frozen for good and folded into the convolution before them. */
  readonly folded: readonly Layer[];
  /** Name of the folded layer that gives the last feature map. */
  readonly featureMap: string;
  /** Channels of the last feature map = length of the embedding. */
  readonly featureSize: number;
}

/** Share of the blocks that stay frozen where a plan says nothing: Lite0's best on real photographs (docs/plan.md). */
const FROZEN_SHARE = 9 / 16;

export function defineBackbone(row: BackboneRow): Backbone {
  const folded = foldLayers(row.layers);
  const featureMap = folded.at(-1)?.name ?? '';
  const shape = measureShapes(folded, { height: row.inputSize, width: row.inputSize }).get(featureMap);
  if (shape === undefined) throw new InvariantError(`Network ${row.name} has no layers.`);
  const blocks = [...new Set(row.layers.map(({ block }) => block))].filter((name) => name !== STEM && name !== TOP);
  const openFrom = blocks[Math.round(blocks.length * FROZEN_SHARE)] ?? TOP;
  return { ...row, folded, blocks, openFrom, featureMap, featureSize: shape[2] };
}

/** Folded layers of the stem and the blocks before the cut. */
function layersBefore({ folded, blocks }: Backbone, cut: number): Layer[] {
  const frozen = new Set([STEM, ...blocks.slice(0, cut)]);
  return folded.filter(({ block }) => frozen.has(block));
}

/** Folded layers from the cut to the last feature map. */
export function layersBehind({ folded, blocks }: Backbone, cut: number): Layer[] {
  const open = new Set([...blocks.slice(cut), TOP]);
  return folded.filter(({ block }) => open.has(block));
}

/** The folded layer whose output is the tensor at the cut. */
export function layerAtCut(backbone: Backbone, cut: number): string {
  const last = layersBefore(backbone, cut).at(-1);
  if (last === undefined) throw new InvariantError(`Network ${backbone.name} has no stem.`);
  return last.name;
}

/** Shape of the tensor at the cut for a picture of this size. */
export function shapeAtCut(backbone: Backbone, cut: number, picture: { height: number; width: number }): Shape3 {
  const shape = measureShapes(layersBefore(backbone, cut), picture).get(layerAtCut(backbone, cut));
  if (shape === undefined) throw new InvariantError(`Network ${backbone.name} has no cut ${cut}.`);
  return shape;
}
