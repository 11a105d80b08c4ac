import type { Backbone } from '#model/backbones/backbone';
import { demandsOf } from '#model/backbones/demand';
import { foldWeights, type RawWeights } from '#model/weights/fold-weights';
import { formulaTensor } from '#model/weights/formula';
import type { WeightMap } from '#model/weights/weight-map';

/** A checkpoint of any network by formula: every tensor that it needs, in Keras' names. */
export function formulaCheckpoint({ layers }: Backbone, gain = 1): RawWeights {
  return new Map(demandsOf(layers).map(({ name, shape }) => [name, formulaTensor(name, shape, gain)]));
}

/** The same, checked and folded as a network takes it. */
export function formulaBase(backbone: Backbone, gain = 1): WeightMap {
  return foldWeights(backbone, formulaCheckpoint(backbone, gain));
}
