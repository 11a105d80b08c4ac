import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
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
  /** The limits of `behind` hold 0, or there are none: this sweep cannot tell the two apart. */
  readonly isWithinNoise: boolean;
}

const RESAMPLES = 1_000;

/**
 * Rank candidates by the mean over seeds of one validation figure, with 95 % limits ({@link limitsOf}) of a bootstrap
 * (Efron 1979) that draws seeds and, within each, whole groups of pictures, since pictures of one part are no independent
 * evidence. All candidates see the same draws, so the interval of a difference is that of a paired comparison.
 */
export function rank(candidates: readonly CandidateResults[], by: Figure): Ranked[] {
  const { isBetterHigh } = FIGURE_KINDS[by];
  const judged = candidates.filter(({ pictures }) => pictures.size > 0).map((one) => ({ ...one, own: figuresOf(one) }));
  const mean = (one: (typeof judged)[number]) => average([...one.own.values()].map((figures) => figures[by]));
  const sorted = [...judged].sort(
    (a, b) => (isBetterHigh ? mean(b) - mean(a) : mean(a) - mean(b)) || a.index - b.index,
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
        mean: average(bySeed),
        limits: limitsOf(seedMeans(draws, { index: one.index, seeds }), fewestGroups(one, seeds)),
      },
      bySeed,
      behind,
      isWithinNoise: behind !== null && (behind.limits === null || (behind.limits.low <= 0 && behind.limits.high >= 0)),
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
  return Object.fromEntries(FIGURES.map((figure) => [figure, average(all.map((one) => one[figure]))])) as Record<
    Figure,
    number
  >;
}

/** Per candidate and seed, the figure on every draw of groups. */
type Draws = ReadonlyMap<string, Float64Array>;

const keyOf = (index: number, seed: number) => `${index}/${seed}`;

function resample(candidates: readonly CandidateResults[], by: Figure): Draws {
  const draws = new Map<string, Float64Array>();
  const seeds = new Set(candidates.flatMap(({ pictures }) => [...pictures.keys()]));
  for (const seed of seeds) {
    const judged = candidates.flatMap(({ index, pictures }) => {
      const own = pictures.get(seed);
      return own === undefined ? [] : [{ index, groups: groupsOf(own) }];
    });
    const names = [...new Set(judged.flatMap(({ groups }) => [...groups.keys()]))].sort();
    const random = xoroshiro128plus(seed);
    for (const { index } of judged) draws.set(keyOf(index, seed), new Float64Array(RESAMPLES));
    for (let i = 0; i < RESAMPLES; i++) {
      const drawn = drawGroups(names, { kinds: judged[0]?.groups ?? new Map(), random });
      for (const { index, groups } of judged) {
        const samples = drawn.flatMap((name) => groups.get(name) ?? []);
        const values = draws.get(keyOf(index, seed));
        if (values !== undefined) values[i] = FIGURE_KINDS[by].of(samples);
      }
    }
  }
  return draws;
}

function groupsOf(pictures: readonly Picture[]): Map<string, ScoredSample[]> {
  const groups = new Map<string, ScoredSample[]>();
  for (const { group, score, isDefect } of pictures)
    groups.set(group, [...(groups.get(group) ?? []), { score, isDefect }]);
  return groups;
}

/** As many groups as there are, with replacement; again where they hold one kind of picture only. */
function drawGroups(
  names: readonly string[],
  {
    kinds,
    random,
  }: { kinds: ReadonlyMap<string, readonly ScoredSample[]>; random: ReturnType<typeof xoroshiro128plus> },
): string[] {
  for (;;) {
    const drawn = names.map(() => names[uniformInt(random, 0, names.length - 1)] ?? '');
    const holds = (isDefect: boolean) =>
      drawn.some((name) => kinds.get(name)?.some((one) => one.isDefect === isDefect));
    if (holds(true) && holds(false)) return drawn;
  }
}

/** Mean over drawn seeds, on every draw. The seeds' draws are the same for every candidate that has these seeds. */
function seedMeans(draws: Draws, { index, seeds }: { index: number; seeds: readonly number[] }): number[] {
  const random = xoroshiro128plus(seeds.length);
  return Array.from({ length: RESAMPLES }, (_, i) => {
    const drawn = seeds.map((_, k) => {
      const seed = seeds[uniformInt(random, 0, seeds.length - 1)] ?? 0;
      // Another draw of groups for a seed that is drawn twice.
      return draws.get(keyOf(index, seed))?.[(i + k * 331) % RESAMPLES] ?? Number.NaN;
    });
    return average(drawn);
  });
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
  const exact = average(
    seeds.map((seed) => sign * (of(first.pictures.get(seed) ?? []) - of(other.pictures.get(seed) ?? []))),
  );
  const [ours, theirs] = [first, other].map(({ index }) => seedMeans(draws, { index, seeds }));
  const differences = (ours ?? []).map((value, i) => sign * (value - (theirs?.[i] ?? Number.NaN)));
  return { mean: exact, limits: limitsOf(differences, fewestGroups(first, seeds)) };
}

/** On the seed whose validation side has fewest. */
function fewestGroups({ pictures }: CandidateResults, seeds: readonly number[]): number {
  return Math.min(...seeds.map((seed) => countFewestGroups(pictures.get(seed) ?? [])));
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
