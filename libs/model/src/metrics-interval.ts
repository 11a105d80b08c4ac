import type { Interval } from '#contracts';
import { countFewestGroups, FEWEST_GROUPS, type Grouped, tLimit } from './metrics-groups.js';
import { countClasses, type ScoredSample, sortedByScore } from './metrics-ranking.js';

/** A judged picture; those of one group are no independent evidence. */
export interface GroupedSample extends ScoredSample, Grouped {}

/** Two-sided 95 %: the standard normal quantile at 0.975. */
const Z = 1.959963984540054;

/**
 * 95 % interval of the area under the ROC curve: DeLong et al. (Biometrics 44, 1988), where pictures are grouped with
 * the variance of Obuchowski (Biometrics 53, 1997), taken on the logit scale so that it stays inside 0..1. Where
 * nothing was ranked wrongly that variance is zero and says nothing, and of few groups it is too small: then method 5 of
 * Newcombe (Statistics in Medicine 25, 2006), counting groups instead of pictures.
 * @throws InputError ONE_CLASS
 */
export function aurocInterval(samples: readonly GroupedSample[]): Interval {
  countClasses(samples);
  const { auroc, parts } = structuralParts(samples);
  const clusters = sumByGroup({ samples, auroc, parts });
  const method = clusters.length < samples.length ? 'Obuchowski' : 'DeLong';
  const error = Math.sqrt(clusteredVariance(clusters));
  const withDefects = clusters.filter(({ defects }) => defects > 0).length;
  const withGoods = clusters.filter(({ goods }) => goods > 0).length;
  if (!(error > 0) || Math.min(withDefects, withGoods) < FEWEST_GROUPS) {
    return { ...newcombe(auroc, withDefects, withGoods), method: 'Newcombe' };
  }
  const centre = Math.log(auroc / (1 - auroc));
  const reach = (Z * error) / (auroc * (1 - auroc));
  return { low: logistic(centre - reach), high: logistic(centre + reach), method };
}

/**
 * Whether the same pictures, in the same order, are ranked better or worse by other scores than chance would do: 95 %
 * two-sided, with the paired variance of DeLong and Obuchowski and as many degrees of freedom as the kind of fewer groups
 * has; false where that is one group alone.
 * @throws InputError ONE_CLASS
 */
export function canTellApart(before: readonly GroupedSample[], after: readonly ScoredSample[]): boolean {
  const groups = countFewestGroups(before);
  if (groups < 2) return false;
  const [a, b] = [structuralParts(before), structuralParts(after)];
  const parts = b.parts.map((part, i) => part - (a.parts[i] ?? Number.NaN));
  const gain = b.auroc - a.auroc;
  const error = Math.sqrt(clusteredVariance(sumByGroup({ samples: before, auroc: gain, parts })));
  return Math.abs(gain) > tLimit(groups - 1) * error;
}

/** Share of the other kind that each picture is ranked right against, equal scores counting half; by order of `samples`. */
function structuralParts(samples: readonly ScoredSample[]) {
  const { defects, goods } = countClasses(samples);
  const sorted = sortedByScore(samples);
  const below = new Map<number, { defects: number; goods: number; ownDefects: number; ownGoods: number }>();
  let [d, g] = [0, 0];
  for (const { score, isDefect } of sorted) {
    const at = below.get(score) ?? { defects: d, goods: g, ownDefects: 0, ownGoods: 0 };
    if (isDefect) at.ownDefects++;
    else at.ownGoods++;
    below.set(score, at);
    if (isDefect) d++;
    else g++;
  }
  const parts = samples.map(({ score, isDefect }) => {
    const at = below.get(score) ?? { defects: 0, goods: 0, ownDefects: 0, ownGoods: 0 };
    return isDefect ? (at.goods + at.ownGoods / 2) / goods : 1 - (at.defects + at.ownDefects / 2) / defects;
  });
  const auroc = samples.reduce((sum, { isDefect }, i) => sum + (isDefect ? (parts[i] ?? 0) : 0), 0) / defects;
  return { auroc, parts };
}

interface Cluster {
  defects: number;
  goods: number;
  /** Sums of (part - AUROC) over the group's defects and goods. */
  defectSum: number;
  goodSum: number;
}

function sumByGroup(from: { samples: readonly GroupedSample[]; auroc: number; parts: readonly number[] }): Cluster[] {
  const clusters = new Map<string, Cluster>();
  for (const [i, { isDefect, group }] of from.samples.entries()) {
    const cluster = clusters.get(group) ?? { defects: 0, goods: 0, defectSum: 0, goodSum: 0 };
    if (isDefect) {
      cluster.defects++;
      cluster.defectSum += (from.parts[i] ?? 0) - from.auroc;
    } else {
      cluster.goods++;
      cluster.goodSum += (from.parts[i] ?? 0) - from.auroc;
    }
    clusters.set(group, cluster);
  }
  return [...clusters.values()];
}

/** Obuchowski 1997, equations 3 to 5; with one picture per group it is DeLong's. */
function clusteredVariance(clusters: readonly Cluster[]): number {
  const total = (value: (cluster: Cluster) => number) => clusters.reduce((sum, cluster) => sum + value(cluster), 0);
  const [defects, goods] = [total((c) => c.defects), total((c) => c.goods)];
  const [withDefects, withGoods] = [total((c) => (c.defects > 0 ? 1 : 0)), total((c) => (c.goods > 0 ? 1 : 0))];
  const ofDefects = (withDefects / (withDefects - 1) / defects) * total((c) => c.defectSum ** 2);
  const ofGoods = (withGoods / (withGoods - 1) / goods) * total((c) => c.goodSum ** 2);
  const shared = (clusters.length / (clusters.length - 1)) * total((c) => c.defectSum * c.goodSum);
  return ofDefects / defects + ofGoods / goods + (2 * shared) / (defects * goods);
}

/** Score interval with Hanley & McNeil's variance at the limit itself: the limits solve (auroc - x)^2 = Z^2 V(x). */
function newcombe(auroc: number, defects: number, goods: number): { low: number; high: number } {
  const more = (defects + goods) / 2 - 1;
  const variance = (x: number) =>
    (x * (1 - x) * (1 + more * ((1 - x) / (2 - x) + x / (1 + x)))) / Math.max(1, defects * goods);
  const isWithin = (x: number) => (auroc - x) ** 2 <= Z ** 2 * variance(x);
  const edge = (inside: number, outside: number): number => {
    let [a, b] = [inside, outside];
    for (let i = 0; i < 60; i++) {
      const middle = (a + b) / 2;
      if (isWithin(middle)) a = middle;
      else b = middle;
    }
    return a;
  };
  return { low: auroc === 0 ? 0 : edge(auroc, 0), high: auroc === 1 ? 1 : edge(auroc, 1) };
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
