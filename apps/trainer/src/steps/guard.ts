import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { InvariantError } from '#contracts';
import type { Guard, Preprocess } from '#model/card';
import { groupOf, type Sample } from '#model/dataset/sample';
import { DISTANCE_LAYER, GUARD_POOL, guardWeights } from '#model/guard/layers';
import { heldOutLimit } from '#model/guard/limit';
import { fitMahalanobis } from '#model/guard/mahalanobis';
import { buildPooledBase, guardedLayer } from '#model/guard/pooled-base';
import { type Cut, PICTURE_INPUT } from '#model/network';
import { exportOnnx } from '#model/onnx/export';
import { preparePicture } from '#model/preprocess/preprocess';
import { OnnxSession } from '#model/runtime/onnx-session';
import type { StoredWeights } from '#model/weights/record';
import { fillModel, type WeightMap } from '#model/weights/weight-map';
import type { TrainLog } from '../train-log.js';

/** A guard as training leaves it: where it stands in the network, its weights, and what the card says of it. */
export interface LearntGuard {
  readonly layer: string;
  readonly weights: WeightMap;
  readonly card: Guard;
}

export interface GuardRequest {
  readonly known: StoredWeights;
  readonly weights: WeightMap;
  readonly preprocess: Preprocess;
  readonly cut: Cut;
  /** Share of familiar pictures that may be called unfamiliar; null = no guard. */
  readonly falseAlarm: number | null;
  readonly maxPixels: number;
}

/** Training pictures that a guard is fitted to at most: more of them move no limit. */
const PICTURES = 2_000;
const CHUNK = 16;

/**
 * Learn what training pictures look like to the frozen part of the network, good and defective alike, and how far
 * pictures lie that were held out by group.
 * @returns null where the plan wants no guard, or all pictures are of one group
 */
export async function learnGuard(
  train: readonly Sample[],
  request: GuardRequest,
  log: TrainLog,
): Promise<LearntGuard | null> {
  const { known, cut, falseAlarm, preprocess } = request;
  if (falseAlarm === null) return null;
  const layer = guardedLayer(known.backbone, cut);
  const samples = everySoMany(train, PICTURES);
  const rows = await poolAt(layer, samples, request);
  const tiles = preprocess.tiles.columns * preprocess.tiles.rows;
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

function everySoMany<T>(items: readonly T[], most: number): T[] {
  const step = Math.max(1, items.length / most);
  return items.filter((_, i) => Math.floor(i / step) > Math.floor((i - 1) / step));
}

/** Pooled output of a layer, one row per tile, in the samples' order. */
async function poolAt(layer: string, samples: readonly Sample[], request: GuardRequest): Promise<Float32Array[]> {
  const { known, weights, preprocess, maxPixels } = request;
  const base = buildPooledBase(known.backbone, preprocess.resize, layer);
  fillModel(base, weights);
  const graph = exportOnnx({
    model: base,
    normalise: known.backbone.normalise,
    inputName: PICTURE_INPUT,
    outputs: [{ name: GUARD_POOL, layer: GUARD_POOL }],
  });
  base.dispose();
  const session = await OnnxSession.open(graph, { threads: availableParallelism() });
  const prepare = (from: number) =>
    Promise.all(
      samples
        .slice(from, from + CHUNK)
        .map(async ({ file }) => preparePicture(await readFile(file), { preprocess, maxPixels })),
    );
  const rows: Float32Array[] = [];
  try {
    let next = prepare(0);
    for (let from = 0; from < samples.length; from += CHUNK) {
      const pictures = await next;
      next = prepare(from + CHUNK);
      const { height, width } = preprocess.resize;
      const count = pictures.reduce((sum, { tiles }) => sum + tiles, 0);
      const data = Buffer.concat(pictures.map((picture) => picture.data));
      const pooled = (await session.run({ data, count, height, width }))[GUARD_POOL];
      if (pooled === undefined) throw new InvariantError('The base gives nothing pooled.');
      const c = pooled.data.length / count;
      for (let row = 0; row < count; row++) rows.push(pooled.data.slice(row * c, (row + 1) * c));
    }
  } finally {
    await session.close();
  }
  return rows;
}
