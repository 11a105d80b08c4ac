import type { LayersModel } from '@tensorflow/tfjs-layers';
import { formulaTensor } from '#model/weights/formula';
import type { WeightMap } from '#model/weights/weight-map';

/** Weights for all of a model, norms folded: numbers that overflow or fade away would cost another time than real ones. */
export function formulaWeights({ weights }: LayersModel): WeightMap {
  return new Map(
    weights.map(({ originalName, shape }) => [originalName, formulaTensor(originalName, shape.map(Number), 1)]),
  );
}
