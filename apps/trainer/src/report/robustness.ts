import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Condition, Robustness } from '#contracts';
import type { ModelCard } from '#model/card';
import { chunksOf, inOrder, inParallel } from '#model/dataset/in-parallel';
import { readSample } from '#model/dataset/read-sample';
import type { GuardedScore } from '#model/decide';
import { countAtPoint } from '#model/metrics';
import { auroc } from '#model/metrics-ranking';
import { type Prepared, preparePicture } from '#model/preprocess/preprocess';
import { scoreBatch } from '#model/runtime/score-batch';
import type { ModelSession } from '#model/runtime/session';
import { shuffle } from '#model/shuffle';
import { readScore, type Scored } from '../judge/score.js';
import { MAX_PIXELS } from '../limits.js';
import { type Perturbation, perturbations } from './perturb.js';

export interface RobustnessRequest {
  readonly card: ModelCard;
  readonly session: ModelSession;
  readonly scored: readonly Scored[];
  /** At most so many pictures, half of them defects where there are enough. */
  readonly pictures: number;
}

/** Pictures per run of the network. */
const BATCH = 8;

/**
 * Judge some held-out pictures again under blur, noise, exposure, compression and shift, at the model's own operating
 * point. The same seed draws the same pictures and noise.
 */
export async function measureRobustness(request: RobustnessRequest): Promise<Robustness> {
  const { card } = request;
  const chosen = choosePictures(request.scored, request.pictures);
  const all: Perturbation[] = [
    { kind: 'as it is', strength: '', change: async ({ data }) => data },
    ...perturbations(),
  ];
  const judge = async ({ change, condition, places, prepared }: Run) => {
    const pictures = await prepared;
    const changed = pictures.map(async (picture, i): Promise<Prepared> => {
      return { ...picture, data: await change(picture, places[i] ?? Number.NaN) };
    });
    const labelled = await scoreBatch(request.session, card, await Promise.all(changed));
    return { condition, judged: labelled.map((one) => readScore(one, card)) };
  };
  const scores = all.map((): GuardedScore[] => []);
  for await (const { condition, judged } of inOrder(runsOf(chosen, all, card), judge))
    scores[condition]?.push(...judged);
  const defects = chosen.filter(({ isDefect }) => isDefect).length;
  const conditions = all.map(({ kind, strength }, condition): Condition => {
    const samples = chosen.map(({ isDefect }, i) => ({
      isDefect,
      ...(scores[condition]?.[i] ?? { score: Number.NaN }),
    }));
    const at = countAtPoint(samples, card.operatingPoint);
    const ranked = defects > 0 && defects < samples.length ? auroc(samples) : null;
    return {
      kind,
      strength,
      auroc: ranked,
      missed: at.fn,
      overkill: at.fp,
      missRate: at.missRate,
      overkillRate: at.overkill,
    };
  });
  return { defects, goods: chosen.length - defects, conditions };
}

/** Some pictures under one disturbance. */
interface Run extends Pick<Perturbation, 'change'> {
  /** Its place among the disturbances. */
  readonly condition: number;
  /** Those of the pictures among the chosen ones. */
  readonly places: readonly number[];
  readonly prepared: Promise<readonly Prepared[]>;
}

/** All disturbances of a few pictures, then of the next: pictures of many tiles are megabytes each. */
function* runsOf(chosen: readonly Scored[], all: readonly Perturbation[], { preprocess }: ModelCard): Generator<Run> {
  for (const places of chunksOf([...chosen.keys()], BATCH)) {
    const samples = places.flatMap((place) => chosen[place]?.sample ?? []);
    const prepared = inParallel(samples, async (sample) =>
      preparePicture(await readSample(sample), { preprocess, maxPixels: MAX_PIXELS }),
    );
    for (const [condition, { change }] of all.entries()) yield { change, condition, places, prepared };
  }
}

/** Draws both kinds evenly; in order of their drawing, so that more pictures are the same ones and others. */
export function choosePictures(scored: readonly Scored[], count: number): Scored[] {
  const shuffled = shuffle(scored, xoroshiro128plus(1));
  const defects = shuffled.filter(({ isDefect }) => isDefect);
  const goods = shuffled.filter(({ isDefect }) => !isDefect);
  const fewest = Math.floor(count / 2);
  const ofDefects = Math.min(defects.length, Math.max(fewest, count - goods.length));
  return [...defects.slice(0, ofDefects), ...goods.slice(0, count - ofDefects)];
}
