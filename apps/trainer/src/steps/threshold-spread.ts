import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { quantileSorted } from 'simple-statistics';
import { RefusedError } from '#contracts';
import { groupOf } from '#model/dataset/sample';
import { chooseOperatingPoint } from '#model/operating-point';
import type { Aim } from '#model/wish';
import type { Scored } from '../judge/score.js';

const RESAMPLES = 200;

/**
 * How much the threshold owes to the parts that happened to be in validation: the middle nine tenths of the thresholds
 * that as many groups, drawn from validation with replacement, would have chosen. Wide where one odd defect decides.
 * null where most draws allow no threshold: too few defects for a claim, or one kind alone.
 */
export function spreadOfThreshold(validation: readonly Scored[], aim: Aim): [low: number, high: number] | null {
  const groups = new Map<string, Scored[]>();
  for (const one of validation) {
    const group = groupOf(one.sample);
    groups.set(group, [...(groups.get(group) ?? []), one]);
  }
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
