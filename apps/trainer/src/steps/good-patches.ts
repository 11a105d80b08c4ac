import { InputError } from '#contracts';
import type { OneClass } from '#model/card';
import { groupOf, type Sample } from '#model/dataset/sample';
import { heldOutLimit } from '#model/guard/limit';
import { buildPatchBase, oneClassWeights, PATCH_LAYER, patchBlocks } from '#model/one-class/network';
import { type PatchMemory, rememberPatches, strangenessOf } from '#model/one-class/patch-memory';
import type { WeightMap } from '#model/weights/weight-map';
import type { Plan } from '../plan/plan.js';
import type { TrainLog } from '../train-log.js';
import { everySoMany, type RunBaseRequest, runBase } from './run-base.js';

/** Good pictures whose patches are drawn from at most; more of them move no limit. */
const PICTURES = 1_000;

export interface LearntPatches {
  readonly weights: WeightMap;
  readonly heldOut: OneClass['heldOut'];
}

/**
 * Learn what patches of good pictures look like, and set the limit by good pictures held out by group.
 * @throws InputError TOO_FEW when all good pictures are of one group
 */
export async function learnGoodPatches(
  good: readonly Sample[],
  request: RunBaseRequest & Pick<Plan, 'oneClass' | 'seed'>,
  log: TrainLog,
): Promise<LearntPatches> {
  const { known, preprocess, oneClass, seed } = request;
  const { backbone } = known;
  const samples = everySoMany(good, PICTURES);
  const base = buildPatchBase(backbone, preprocess.resize);
  const channels = Number(base.outputs[0]?.shape.at(-1));
  const maps = await runBase(base, PATCH_LAYER, samples, request);
  const remember = (of: readonly Float32Array[]): PatchMemory =>
    rememberPatches({ maps: of, channels }, { patches: oneClass.patches, seed });
  const found = heldOutLimit(maps, {
    groups: samples.map(groupOf),
    tiles: preprocess.tiles.columns * preprocess.tiles.rows,
    falseAlarm: oneClass.overkill,
    fit: (rows) => {
      const memory = remember(rows);
      return (row) => strangenessOf(memory, row);
    },
  });
  if (found === null) {
    throw new InputError(
      'TOO_FEW',
      `All ${good.length} good training pictures are of one group, expected two or more: without held-out groups no threshold can be set. Add pictures of other lots or parts, or say which column tells parts apart: --group path where every picture is a part of its own.`,
    );
  }
  const { limit, ...heldOut } = found;
  log.step(
    'patches',
    `${oneClass.patches} of ${samples.length} good pictures remembered at ${patchBlocks(backbone).join(' and ')}; of those held out by ${heldOut.groups} groups ${heldOut.beyond} of ${heldOut.pictures} lie beyond the limit. Overkill is all that can be claimed: misses need defects`,
  );
  return { weights: oneClassWeights(remember(maps), limit), heldOut };
}
