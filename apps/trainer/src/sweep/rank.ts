import betaQuantile from '@stdlib/stats-base-dists-beta-quantile';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { mean, sampleVariance } from 'simple-statistics';
import { countFewestGroups, limitsOf } from '#model/metrics-groups';
import type { ScoredSample } from '#model/metrics-ranking';
import { FIGURE_KINDS, FIGURES, type Figure } from './figures.js';
import type { TrialResult } from './trial.js';

type Picture = TrialResult['pictures'][number];

/** What a candidate's finished trials say, by seed. */
export interface CandidateResults {
  readonly index: number;
  readonly pictures: ReadonlyMap<number, readonly Picture[]>;
}

/** A mean over seeds with its 95 % limits; null where they would rest on too few groups. */
export interface Estimate {
  readonly mean: number;
  readonly limits: { readonly low: number; readonly high: number } | null;
}

export interface Ranked {
  readonly index: number;
  readonly seeds: readonly number[];
  readonly figures: Readonly<Record<Figure, number>>;
  /** The figure ranked by: over seeds, and of every seed in order. */
  readonly estimate: Estimate;
  readonly bySeed: readonly number[];
  /** How far behind the first one, on the same pictures; null for the first one itself, or without a common seed. */
  readonly behind: Estimate | null;
  /** The limits of `behind` do not lie above 0, or there are none: this sweep does not show it to be worse. */
  readonly isWithinNoise: boolean;
}

const RESAMPLES = 1_000;

/**
 * Rank candidates by the mean over seeds of one validation figure, with 95 % limits ({@link limitsOf}) of a bootstrap that
 * draws whole groups of pictures, since pictures of one part are no independent evidence, and adds to each draw what another
 * few trainings would: Student's t times the standard error over seeds. Drawing from three seeds themselves would call two
 * candidates different as soon as all three agree in sign, one time in four where chance of training is all there is. All
 * candidates see the same draws, so the interval of a difference is that of a paired comparison.
 */
export function rank(candidates: readonly CandidateResults[], by: Figure): Ranked[] {
  const { isBetterHigh } = FIGURE_KINDS[by];
  const judged = candidates.filter(({ pictures }) => pictures.size > 0).map((one) => ({ ...one, own: figuresOf(one) }));
  const meanOf = (one: (typeof judged)[number]) => mean([...one.own.values()].map((figures) => figures[by]));
  const sorted = [...judged].sort(
    (a, b) => (isBetterHigh ? meanOf(b) - meanOf(a) : meanOf(a) - meanOf(b)) || a.index - b.index,
  );
  const draws = resample(sorted, by);
  const [first] = sorted;
  return sorted.map((one) => {
    const seeds = [...one.pictures.keys()].sort((a, b) => a - b);
    const bySeed = seeds.map((seed) => one.own.get(seed)?.[by] ?? Number.NaN);
    const behind = first === undefined || one === first ? null : differenceOf(first, one, { draws, by });
    return {
      index: one.index,
      seeds,
      figures: averageFigures([...one.own.values()]),
      estimate: {
        mean: mean(bySeed),
        limits: asShares(
          limitsOfDrawn(trainedAnew(seedDraws(draws, { index: one.index, seeds }), bySeed), fewestGroups(one, seeds)),
        ),
      },
      bySeed,
      behind,
      isWithinNoise: behind !== null && (behind.limits === null || behind.limits.low <= 0),
    };
  });
}

function figuresOf({ pictures }: CandidateResults): Map<number, Record<Figure, number>> {
  return new Map(
    [...pictures].map(([seed, samples]) => [
      seed,
      Object.fromEntries(FIGURES.map((figure) => [figure, FIGURE_KINDS[figure].of(samples)])) as Record<Figure, number>,
    ]),
  );
}

function averageFigures(all: readonly Record<Figure, number>[]): Record<Figure, number> {
  return Object.fromEntries(FIGURES.map((figure) => [figure, mean(all.map((one) => one[figure]))])) as Record<
    Figure,
    number
  >;
}

/** Per candidate and seed, the figure on every draw of groups; no number where the draw left that side one kind alone. */
type Draws = ReadonlyMap<string, Float64Array>;

const keyOf = (index: number, seed: number) => `${index}/${seed}`;

/**
 * Every draw takes as many groups as there are, with replacement, for all candidates and seeds at once: seeds that judge
 * the same pictures share what makes these easy or hard, and their mean is no surer of it than one of them.
 */
function resample(candidates: readonly CandidateResults[], by: Figure): Draws {
  const judged = candidates.flatMap(({ index, pictures }) =>
    [...pictures].map(([seed, own]) => ({
      groups: groupsOf(own),
      values: new Float64Array(RESAMPLES),
      key: keyOf(index, seed),
    })),
  );
  const names = [...new Set(judged.flatMap(({ groups }) => [...groups.keys()]))].sort();
  const random = xoroshiro128plus(1);
  for (let i = 0; i < RESAMPLES; i++) {
    const drawn = names.map(() => names[uniformInt(random, 0, names.length - 1)] ?? '');
    for (const { groups, values } of judged) {
      const samples = drawn.flatMap((name) => groups.get(name) ?? []);
      const defects = samples.filter(({ isDefect }) => isDefect).length;
      const isRanked = defects > 0 && defects < samples.length;
      values[i] = isRanked ? FIGURE_KINDS[by].of(samples) : Number.NaN;
    }
  }
  return new Map(judged.map(({ key, values }) => [key, values]));
}

function groupsOf(pictures: readonly Picture[]): Map<string, ScoredSample[]> {
  const groups = new Map<string, ScoredSample[]>();
  for (const { group, score, isDefect } of pictures)
    groups.set(group, [...(groups.get(group) ?? []), { score, isDefect }]);
  return groups;
}

/** Of one candidate, the figure of every seed on every draw of groups. */
function seedDraws(draws: Draws, { index, seeds }: { index: number; seeds: readonly number[] }): Float64Array[] {
  return seeds.map((seed) => draws.get(keyOf(index, seed)) ?? new Float64Array(RESAMPLES).fill(Number.NaN));
}

/**
 * Means over the seeds on every draw of groups, as they would be of as many other trainings: with Student's t of one degree
 * of freedom less than there are seeds, times the standard error of their mean. What differs between the seeds because their
 * pictures do, the draws tell already. One seed does not tell how trainings differ.
 * @param bySeed the figure of every seed on the pictures as they are
 */
function trainedAnew(drawn: readonly Float64Array[], bySeed: readonly number[]): number[] {
  const n = bySeed.length;
  const onDraw = Array.from({ length: RESAMPLES }, (_, i) => drawn.map((values) => values[i] ?? Number.NaN));
  const means = onDraw.map(mean);
  if (n < 2) return means;
  const ofPictures = onDraw.map((values) => sampleVariance(values.map((value, seed) => value - (bySeed[seed] ?? 0))));
  const explained = ofPictures.filter((value) => !Number.isNaN(value));
  if (explained.length === 0) return means;
  const error = Math.sqrt(Math.max(0, sampleVariance([...bySeed]) - mean(explained)) / n);
  const random = xoroshiro128plus(n);
  return means.map((onPictures) => onPictures + error * drawStudent(n - 1, random));
}

/** Of Student's t, whose share beyond t on both sides is the beta distribution's at freedom / (freedom + t²). */
function drawStudent(freedom: number, random: RandomGenerator): number {
  const sign = uniformInt(random, 0, 1) === 0 ? -1 : 1;
  return sign * Math.sqrt(freedom * (1 / betaQuantile(uniformFloat64(random), freedom / 2, 1 / 2) - 1));
}

/** 95 % limits of the draws in which every side had both kinds. */
function limitsOfDrawn(draws: readonly number[], groups: number): Estimate['limits'] {
  return limitsOf(
    draws.filter((value) => !Number.isNaN(value)),
    groups,
  );
}

/** Every figure is a share, which few seeds' limits may leave. */
function asShares(limits: Estimate['limits']): Estimate['limits'] {
  return limits === null ? null : { low: Math.max(0, limits.low), high: Math.min(1, limits.high) };
}

function differenceOf(
  first: CandidateResults,
  other: CandidateResults,
  { draws, by }: { draws: Draws; by: Figure },
): Estimate | null {
  const { isBetterHigh, of } = FIGURE_KINDS[by];
  const seeds = [...first.pictures.keys()].filter((seed) => other.pictures.has(seed)).sort((a, b) => a - b);
  if (seeds.length === 0) return null;
  const sign = isBetterHigh ? 1 : -1;
  const bySeed = seeds.map((seed) => sign * (of(first.pictures.get(seed) ?? []) - of(other.pictures.get(seed) ?? [])));
  const [ours, theirs] = [first, other].map(({ index }) => seedDraws(draws, { index, seeds })) as [
    Float64Array[],
    Float64Array[],
  ];
  const differences = ours.map((values, seed) => values.map((value, i) => sign * (value - (theirs[seed]?.[i] ?? 0))));
  return { mean: mean(bySeed), limits: limitsOfDrawn(trainedAnew(differences, bySeed), fewestGroups(first, seeds)) };
}

/** On the seed whose validation side has fewest. */
function fewestGroups({ pictures }: CandidateResults, seeds: readonly number[]): number {
  return Math.min(...seeds.map((seed) => countFewestGroups(pictures.get(seed) ?? [])));
}
