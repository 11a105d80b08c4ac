import type { Guard, Preprocess } from '#model/card';
import { groupOf, type Sample } from '#model/dataset/sample';
import { DISTANCE_LAYER, guardWeights } from '#model/guard/layers';
import { heldOutLimit } from '#model/guard/limit';
import { fitMahalanobis } from '#model/guard/mahalanobis';
import { guardedLayer } from '#model/guard/pooled-base';
import type { Cut } from '#model/network';
import type { StoredWeights } from '#model/weights/record';
import type { WeightMap } from '#model/weights/weight-map';
import { everySoMany } from '../every-so-many.js';
import type { TrainLog } from '../train-log.js';

/** A guard as training leaves it: where it stands in the network, its weights, and what the card says of it. */
export interface LearntGuard {
  readonly layer: string;
  readonly weights: WeightMap;
  readonly card: Guard;
}

export interface GuardRequest {
  readonly known: StoredWeights;
  readonly preprocess: Preprocess;
  readonly cut: Cut;
  /** What it measures of the training pictures as they are, one array per tile, in their order. */
  readonly pooled: readonly Float32Array[];
  /** Share of familiar pictures that may be called unfamiliar; null = no guard. */
  readonly falseAlarm: number | null;
}

/** Training pictures that a guard is fitted to at most: more of them move no limit. */
const PICTURES = 2_000;

/**
 * Learn what training pictures look like to the frozen part of the network, good and defective alike, and how far
 * pictures lie that were held out by group.
 * @returns null where the plan wants no guard, or all pictures are of one group
 */
export function learnGuard(train: readonly Sample[], request: GuardRequest, log: TrainLog): LearntGuard | null {
  const { known, cut, falseAlarm, preprocess, pooled } = request;
  if (falseAlarm === null) return null;
  const layer = guardedLayer(known.backbone, cut);
  const tiles = preprocess.tiles.columns * preprocess.tiles.rows;
  const chosen = everySoMany([...train.keys()], PICTURES);
  const rows = chosen.flatMap((picture) => pooled.slice(picture * tiles, (picture + 1) * tiles));
  const samples = chosen.map((picture) => train[picture] as Sample);
  const found = heldOutLimit(rows, { groups: samples.map(groupOf), tiles, falseAlarm });
  if (found === null) {
    log.step('guard', 'none: all training pictures are of one group, so no limit can be set by held-out ones');
    return null;
  }
  const { limit, ...heldOut } = found;
  log.step(
    'guard',
    `at ${layer}: unfamiliar beyond ${limit.toFixed(2)}, ${heldOut.beyond} of ${heldOut.pictures} pictures held out by ${heldOut.groups} groups are`,
  );
  const card = { output: DISTANCE_LAYER, limit, falseAlarm, heldOut };
  return { layer, weights: guardWeights(fitMahalanobis(rows)), card };
}
