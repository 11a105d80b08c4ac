import type { Slice } from '#contracts';
import type { OperatingPoint } from './card.js';
import { compareNames, type Sample } from './dataset/sample.js';
import { verdictOfScored } from './decide.js';
import type { ScoredSample } from './metrics-ranking.js';
import { shareOf } from './metrics-share.js';

/** A judged picture with what its table says of it. */
export interface Judged extends ScoredSample {
  readonly sample: Sample;
  /** The defect class it is given if it does not pass. */
  readonly defectClass?: string | null;
}

/** What pictures are told apart by; a key that the data does not have gives no slices. */
const KEYS: Readonly<Record<Slice['by'], (sample: Sample) => string | null | undefined>> = {
  class: ({ kind, label }) => kind ?? label,
  group: ({ group }) => group,
  lot: ({ lot }) => lot,
  camera: ({ camera }) => camera,
};

/**
 * Misses and overkills per class, group, lot and camera, each with its exact limits; where a slice has one kind only,
 * its AUROC is against all pictures of the other kind. Groups that are single pictures are left out.
 */
export function sliceScores(judged: readonly Judged[], point: OperatingPoint): Slice[] {
  const all = { defects: scoresOf(judged, true), goods: scoresOf(judged, false) };
  return (Object.keys(KEYS) as Slice['by'][]).flatMap((by) => {
    const parts = new Map<string, Judged[]>();
    for (const one of judged) {
      const name = KEYS[by](one.sample);
      if (name == null || name === '') continue;
      const part = parts.get(name);
      if (part === undefined) parts.set(name, [one]);
      else part.push(one);
    }
    if (parts.size < 2 || (by === 'group' && parts.size === judged.length)) return [];
    return [...parts]
      .sort(([a], [b]) => compareNames(a, b))
      .map(([name, part]) => sliceOf({ by, name, part, all, point }));
  });
}

function sliceOf(from: {
  by: Slice['by'];
  name: string;
  part: readonly Judged[];
  all: Scores;
  point: OperatingPoint;
}): Slice {
  const { by, name, part, all, point } = from;
  const defects = part.filter(({ isDefect }) => isDefect);
  const goods = part.filter(({ isDefect }) => !isDefect);
  const passed = (some: readonly Judged[]) => some.filter((one) => verdictOfScored(one, point) === 'PASS').length;
  const missed = passed(defects);
  const overkill = goods.length - passed(goods);
  return {
    by,
    name,
    defects: defects.length,
    goods: goods.length,
    missed,
    overkill,
    missRate: shareOf(missed, defects.length),
    overkillRate: shareOf(overkill, goods.length),
    auroc: rankingOf({ defects: scoresOf(part, true), goods: scoresOf(part, false) }, all),
  };
}

/** Scores of either kind, lowest first. */
interface Scores {
  readonly defects: Float64Array;
  readonly goods: Float64Array;
}

function scoresOf(judged: readonly Judged[], kind: boolean): Float64Array {
  return Float64Array.from(judged.flatMap(({ isDefect, score }) => (isDefect === kind ? [score] : []))).sort();
}

/**
 * AUROC: the share of pairs of a defect and a good picture in which the defect scores higher, ties by half. The pictures of the
 * other kind, sorted once, serve thousands of slices.
 */
function rankingOf(own: Scores, all: Scores): number | null {
  const defects = own.defects.length > 0 ? own.defects : all.defects;
  const goods = own.goods.length > 0 ? own.goods : all.goods;
  const pairs = defects.length * goods.length;
  if (pairs === 0) return null;
  return (defects.length < goods.length ? pairsWon(defects, goods) : pairs - pairsWon(goods, defects)) / pairs;
}

/** Pairs of one of the few and one of many in which the first is higher, ties by half. */
function pairsWon(few: Float64Array, many: Float64Array): number {
  const countWhere = (isBefore: (score: number) => boolean): number => {
    let [low, high] = [0, many.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(many[middle] as number)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  let won = 0;
  for (const score of few) won += (countWhere((other) => other < score) + countWhere((other) => other <= score)) / 2;
  return won;
}
