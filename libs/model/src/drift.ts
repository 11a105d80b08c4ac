import { quantileSorted } from 'simple-statistics';
import { type GoodScores, SCORE_QUANTILES } from './card.js';

/** Factor of the two-sample Kolmogorov-Smirnov test's critical distance at 1 %: sqrt(-ln(0.01 / 2) / 2). */
const CRITICAL = 1.63;

/** What a card keeps of the scores of good pictures; null without any. */
export function summariseScores(scores: readonly number[]): GoodScores | null {
  if (scores.length === 0) return null;
  const sorted = scores.toSorted((a, b) => a - b);
  const quantiles = Array.from({ length: SCORE_QUANTILES }, (_, i) =>
    quantileSorted(sorted, i / (SCORE_QUANTILES - 1)),
  );
  return { count: sorted.length, quantiles };
}

export interface Drift {
  /** Largest distance of the two distribution functions, 0..1 (Kolmogorov-Smirnov). */
  readonly distance: number;
  /** Two samples of one distribution lie further apart in 1 of 100 cases only. */
  readonly chance: number;
}

/**
 * How far a line's scores lie from those of the good pictures the threshold was chosen on. A share d of defects moves
 * the distance by at most d, so an ordinary line of mostly good parts is compared with good parts.
 * @param scores of the line, at least one
 */
export function measureDrift(scores: readonly number[], { count, quantiles }: GoodScores): Drift {
  const sorted = scores.toSorted((a, b) => a - b);
  let distance = 0;
  for (const [i, score] of sorted.entries()) {
    const [below, upTo] = sharesAt(score, quantiles);
    // Where both step at the same score, the steps themselves are no distance.
    distance = Math.max(distance, i / sorted.length - upTo, below - (i + 1) / sorted.length);
  }
  return { distance, chance: CRITICAL * Math.sqrt((sorted.length + count) / (sorted.length * count)) };
}

/** Share of the reference below a score, and up to and with it; linear between two quantiles. */
function sharesAt(score: number, quantiles: readonly number[]): [below: number, upTo: number] {
  const notBelow = quantiles.findIndex((quantile) => quantile >= score);
  const above = quantiles.findIndex((quantile) => quantile > score);
  return [shareUntil(notBelow, score, quantiles), shareUntil(above, score, quantiles)];
}

/** @param next index of the first quantile after the score; -1 = none */
function shareUntil(next: number, score: number, quantiles: readonly number[]): number {
  if (next <= 0) return next === 0 ? 0 : 1;
  const [low, high] = [quantiles[next - 1] ?? 0, quantiles[next] ?? 1];
  const within = high > low ? (score - low) / (high - low) : 0;
  return (next - 1 + within) / (quantiles.length - 1);
}
