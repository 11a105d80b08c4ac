import { mean, median } from 'simple-statistics';
import { compareNames, type Sample } from './sample.js';

export const OUTLIER_KINDS = ['blurred', 'dark', 'bright', 'flat', 'harsh'] as const;
export type OutlierKind = (typeof OUTLIER_KINDS)[number];

/** A picture that is unlike the others of its class. */
export interface Outlier {
  readonly sample: Sample;
  readonly kind: OutlierKind;
  /** What was measured: log10 of the sharpness, exposure or contrast in grey levels. */
  readonly value: number;
  /** The class's own middle. */
  readonly usual: number;
  /** Distance from the middle in robust deviations, above {@link OUTLIER_SCORE}. */
  readonly score: number;
}

/** Iglewicz and Hoaglin, How to detect and handle outliers (1993): the modified z-score above which a value stands out. */
const OUTLIER_SCORE = 3.5;

/** Fewer pictures of a class have no usual look. */
const FEWEST = 10;

const MEASURES: readonly {
  readonly below?: OutlierKind;
  readonly above?: OutlierKind;
  readonly of: (sample: Sample) => number;
}[] = [
  // Sharpness spreads over decades; 1 is added because a blank has none.
  { below: 'blurred', of: ({ look }) => Math.log10(1 + (look?.sharpness ?? 0)) },
  { below: 'dark', above: 'bright', of: ({ look }) => look?.exposure ?? 0 },
  { below: 'flat', above: 'harsh', of: ({ look }) => look?.contrast ?? 0 },
];

/**
 * Pictures that are blurred, or too dark, bright, flat or harsh for their class: modified z-scores on median and median
 * absolute deviation, which a few odd pictures cannot move.
 * @param samples opened
 * @returns worst first; one picture may stand out in several ways
 */
export function findOutliers(samples: readonly Sample[]): Outlier[] {
  const seen = samples.filter(({ look }) => look !== undefined);
  const labels = [...new Set(seen.map(({ label }) => label))];
  const outliers = labels
    .map((label) => seen.filter((sample) => sample.label === label))
    .filter((members) => members.length >= FEWEST)
    .flatMap(outliersOf);
  return outliers.sort((a, b) => b.score - a.score || compareNames(a.sample.path, b.sample.path));
}

function outliersOf(members: readonly Sample[]): Outlier[] {
  return MEASURES.flatMap(({ below, above, of }) => {
    const values = members.map(of);
    const usual = median(values);
    const deviation = deviationOf(values, usual);
    if (deviation === 0) return [];
    return members.flatMap((sample, i): Outlier[] => {
      const value = values[i] as number;
      const kind = value < usual ? below : above;
      const score = Math.abs(value - usual) / deviation;
      return kind === undefined || score <= OUTLIER_SCORE ? [] : [{ sample, kind, value, usual, score }];
    });
  });
}

/** As wide as a normal distribution's standard deviation; where half of the values are equal, from the mean instead. */
function deviationOf(values: readonly number[], usual: number): number {
  const apart = values.map((value) => Math.abs(value - usual));
  return 1.482602 * median(apart) || 1.253314 * mean(apart);
}
