import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { mean } from 'simple-statistics';
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
 * draws seeds and, apart from them, whole groups of pictures (the pigeonhole bootstrap of Owen, Annals of Applied Statistics
 * 1, 2007), since pictures of one part are no independent evidence. All candidates see the same draws, so the interval of a
 * difference is that of a paired comparison.
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
        limits: limitsOfDrawn(seedMeans(draws, { index: one.index, seeds }), fewestGroups(one, seeds)),
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

/** Mean over drawn seeds, on every draw of groups. The seeds' draws are the same for every candidate that has these seeds. */
function seedMeans(draws: Draws, { index, seeds }: { index: number; seeds: readonly number[] }): number[] {
  const random = xoroshiro128plus(seeds.length);
  return Array.from({ length: RESAMPLES }, (_, i) => {
    const drawn = seeds.map(() => {
      const seed = seeds[uniformInt(random, 0, seeds.length - 1)] ?? 0;
      return draws.get(keyOf(index, seed))?.[i] ?? Number.NaN;
    });
    return mean(drawn);
  });
}

/** 95 % limits of the draws in which every side had both kinds. */
function limitsOfDrawn(draws: readonly number[], groups: number): Estimate['limits'] {
  return limitsOf(
    draws.filter((value) => !Number.isNaN(value)),
    groups,
  );
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
  const exact = mean(
    seeds.map((seed) => sign * (of(first.pictures.get(seed) ?? []) - of(other.pictures.get(seed) ?? []))),
  );
  const [ours, theirs] = [first, other].map(({ index }) => seedMeans(draws, { index, seeds }));
  const differences = (ours ?? []).map((value, i) => sign * (value - (theirs?.[i] ?? Number.NaN)));
  return { mean: exact, limits: limitsOfDrawn(differences, fewestGroups(first, seeds)) };
}

/** On the seed whose validation side has fewest. */
function fewestGroups({ pictures }: CandidateResults, seeds: readonly number[]): number {
  return Math.min(...seeds.map((seed) => countFewestGroups(pictures.get(seed) ?? [])));
}
