import { InputError, InvariantError } from '#contracts';
import type { OneClass } from '#model/card';
import { groupOf, type Sample } from '#model/dataset/sample';
import { foldsOf, limitOf } from '#model/guard/limit';
import { buildPatchBase, oneClassWeights, PATCH_LAYER, patchBlocks } from '#model/one-class/network';
import { PatchDraw, strangenessOf } from '#model/one-class/patch-memory';
import type { StoredWeights } from '#model/weights/record';
import type { WeightMap } from '#model/weights/weight-map';
import { everySoMany } from '../every-so-many.js';
import type { Plan } from '../plan/plan.js';
import type { TrainLog } from '../train-log.js';
import { exportPart, type Reading, runBase } from './run-base.js';
import { Twice } from './twice.js';

/** Good pictures whose patches are drawn from at most; more of them move no limit. */
const PICTURES = 1_000;
/** Maps of patches that are kept from drawing to measuring; 1,000 pictures of 224 pixels in one tile are a fifth of it. */
const KEPT_BYTES = 2 ** 29;

export interface PatchRequest extends Reading, Pick<Plan, 'oneClass' | 'seed'> {
  readonly known: StoredWeights;
  readonly weights: WeightMap;
  /** Maps beyond so many bytes are computed twice instead; default half a gigabyte. */
  readonly keptBytes?: number;
}

export interface LearntPatches {
  readonly weights: WeightMap;
  /** Patches that are remembered: fewer than asked for where the pictures have fewer. */
  readonly patches: number;
  readonly heldOut: OneClass['heldOut'];
}

/**
 * Learn what patches of good pictures look like, and set the limit by good pictures held out by group.
 * @throws InputError TOO_FEW when all good pictures are of one group; DATA_CHANGED
 */
export async function learnGoodPatches(
  good: readonly Sample[],
  request: PatchRequest,
  log: TrainLog,
): Promise<LearntPatches> {
  const { known, preprocess, oneClass, seed, keptBytes = KEPT_BYTES } = request;
  const { backbone } = known;
  const samples = everySoMany(good, PICTURES);
  const groups = samples.map(groupOf);
  const folds = foldsOf(groups);
  if (folds === null) {
    throw new InputError(
      'TOO_FEW',
      `All ${good.length} good training pictures are of one group, expected two or more: without held-out groups no threshold can be set. Add pictures of other lots or parts, or say which column tells parts apart: --group path where every picture is a part of its own.`,
    );
  }
  const base = buildPatchBase(backbone, preprocess.resize);
  const [height = 0, width = 0, channels = 0] = base.outputs[0]?.shape.slice(1).map(Number) ?? [];
  const part = exportPart(base, PATCH_LAYER, request);
  const tiles = preprocess.tiles.columns * preprocess.tiles.rows;
  const drawFrom = (pictures: number): PatchDraw => {
    const { patches } = oneClass;
    return new PatchDraw({ maps: pictures * tiles, patchesPerMap: height * width, channels, patches, seed });
  };
  const ofAll = drawFrom(samples.length);
  const ofOthers = Array.from({ length: Math.max(...folds) + 1 }, (_, fold) =>
    drawFrom(folds.filter((one) => one !== fold).length),
  );
  const maps = new Twice(samples, { read: (some) => runBase(part, some, request), keptBytes });
  let picture = 0;
  for await (const shown of maps.first()) {
    const draws = [ofAll, ...ofOthers.filter((_, fold) => fold !== folds[picture])];
    for (const draw of draws) for (const map of shown) draw.show(map);
    picture += 1;
  }
  const memories = ofOthers.map((draw) => draw.remember());
  const distances: number[] = [];
  for await (const held of maps.again()) {
    const memory = memories[folds[distances.length] ?? 0];
    if (memory === undefined) throw new InvariantError('A picture without a fold.');
    distances.push(held.reduce((most, map) => Math.max(most, strangenessOf(memory, map)), 0));
  }
  const memory = ofAll.remember();
  const patches = memory.memory.length / channels;
  const { limit, ...heldOut } = limitOf(distances, { groups, falseAlarm: oneClass.overkill });
  log.step(
    'patches',
    `${patches} of ${samples.length} good pictures remembered at ${patchBlocks(backbone).join(' and ')}; of those held out by ${heldOut.groups} groups ${heldOut.beyond} of ${heldOut.pictures} lie beyond the limit. Overkill is all that can be claimed: misses need defects`,
  );
  return { weights: oneClassWeights(memory, limit), patches, heldOut };
}
