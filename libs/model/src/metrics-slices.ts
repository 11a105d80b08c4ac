import type { Slice } from '#contracts';
import type { OperatingPoint } from './card.js';
import { compareNames, type Sample } from './dataset/sample.js';
import { verdictOfScored } from './decide.js';
import { auroc, type ScoredSample } from './metrics-ranking.js';
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
  return (Object.keys(KEYS) as Slice['by'][]).flatMap((by) => {
    const parts = new Map<string, Judged[]>();
    for (const one of judged) {
      const name = KEYS[by](one.sample);
      if (name == null || name === '') continue;
      parts.set(name, [...(parts.get(name) ?? []), one]);
    }
    if (parts.size < 2 || (by === 'group' && parts.size === judged.length)) return [];
    return [...parts]
      .sort(([a], [b]) => compareNames(a, b))
      .map(([name, part]) => sliceOf({ by, name, part, judged, point }));
  });
}

function sliceOf(from: {
  by: Slice['by'];
  name: string;
  part: readonly Judged[];
  judged: readonly Judged[];
  point: OperatingPoint;
}): Slice {
  const { by, name, part, judged, point } = from;
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
    auroc: rankingOf(defects, goods, judged),
  };
}

function rankingOf(defects: readonly Judged[], goods: readonly Judged[], all: readonly Judged[]): number | null {
  const positives = defects.length > 0 ? defects : all.filter(({ isDefect }) => isDefect);
  const negatives = goods.length > 0 ? goods : all.filter(({ isDefect }) => !isDefect);
  return positives.length === 0 || negatives.length === 0 ? null : auroc([...positives, ...negatives]);
}
