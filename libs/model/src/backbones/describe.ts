import type { Backbone } from './backbone.js';
import { countParameters } from './demand.js';
import { countMacs } from './measure.js';

/** What one reads of a network before choosing it. */
export interface BackboneFacts {
  readonly name: string;
  readonly variant: string;
  /** Side of the square input, pixels. */
  readonly inputSize: number;
  readonly blocks: number;
  /** Length of the list that freeze counts refer to. */
  readonly layers: number;
  /** Running statistics of norms included, classifier left out. */
  readonly parameters: number;
  /** Multiply-accumulates of one picture at the input size, classifier left out. */
  readonly macs: number;
  /** Length of the embedding. */
  readonly featureSize: number;
  /** First block that learns where a plan names none. */
  readonly openFrom: string;
  readonly paper: string;
  /** Of the weights its library publishes; null where it states none. */
  readonly licence: string | null;
}

export function describeBackbone(backbone: Backbone): BackboneFacts {
  const { name, variant, inputSize, layers, blocks, featureSize, openFrom, paper, licence } = backbone;
  return {
    name,
    variant,
    inputSize,
    blocks: blocks.length,
    layers: layers.length,
    parameters: countParameters(layers),
    macs: countMacs(layers, { height: inputSize, width: inputSize }),
    featureSize,
    openFrom,
    paper,
    licence,
  };
}
