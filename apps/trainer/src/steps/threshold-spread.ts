import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { quantileSorted } from 'simple-statistics';
import { RefusedError } from '#contracts';
import { groupOf } from '#model/dataset/sample';
import { countFewestGroups } from '#model/metrics-groups';
import { chooseOperatingPoint } from '#model/operating-point';
import type { Aim } from '#model/wish';
import type { Scored } from '../judge/score.js';

const RESAMPLES = 200;

/**
 * How much the threshold owes to the parts that happened to be in validation: the middle nine tenths of the thresholds
 * that as many groups, drawn from validation with replacement, would have chosen. Wide where one odd defect decides.
 * null where most draws allow no threshold (too few defects for a claim, or one kind alone), and where all defects or all
 * good pictures are of one part: drawing that part again and again says nothing of others.
 */
export function spreadOfThreshold(validation: readonly Scored[], aim: Aim): [low: number, high: number] | null {
  const grouped = validation.map((one) => ({ ...one, group: groupOf(one.sample) }));
  if (countFewestGroups(grouped) < 2) return null;
  const groups = new Map<string, Scored[]>();
  for (const one of grouped) groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
  const all = [...groups.values()];
  const random = xoroshiro128plus(1);
  const thresholds: number[] = [];
  for (let i = 0; i < RESAMPLES; i++) {
    const drawn = all.flatMap(() => all[uniformInt(random, 0, all.length - 1)] ?? []);
    const threshold = thresholdOf(drawn, aim);
    if (threshold !== null) thresholds.push(threshold);
  }
  if (thresholds.length < RESAMPLES / 2) return null;
  const sorted = thresholds.sort((a, b) => a - b);
  return [quantileSorted(sorted, 0.05), quantileSorted(sorted, 0.95)];
}

function thresholdOf(drawn: readonly Scored[], aim: Aim): number | null {
  try {
    return chooseOperatingPoint(drawn, { ...aim, reviewPerThousand: 0 }).threshold;
  } catch (error) {
    if (error instanceof RefusedError) return null;
    throw error;
  }
}
