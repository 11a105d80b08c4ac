import type { Decision, Reason } from '#contracts';
import type { OperatingPoint } from './card.js';
import { verdictOf } from './operating-point.js';

/** What the model's word means for the part. */
export interface Judgement {
  readonly verdict: Decision;
  readonly reason: Extract<Reason, 'MODEL' | 'GREY_ZONE'>;
  readonly score: number;
  /** Worst defect class; null on PASS. */
  readonly defectClass: string | null;
}

export interface LabelledScores {
  /** P(label), summing to 1. */
  readonly scores: Readonly<Record<string, number>>;
  readonly good: string;
}

/**
 * Of a picture's tiles, the one least likely to be good: it stands for the picture.
 * @param probabilities [tiles, labels], row-major
 */
export function worstTile(
  probabilities: ArrayLike<number>,
  { labels, good }: { labels: readonly string[]; good: string },
): LabelledScores {
  const goodAt = labels.indexOf(good);
  let worst = 0;
  for (let row = labels.length; row < probabilities.length; row += labels.length) {
    const isWorse = !((probabilities[row + goodAt] ?? Number.NaN) >= (probabilities[worst + goodAt] ?? Number.NaN));
    if (isWorse) worst = row;
  }
  return {
    good,
    scores: Object.fromEntries(labels.map((label, i) => [label, probabilities[worst + i] ?? Number.NaN])),
  };
}

/** Defect score of one picture: 1 - P(good), higher = worse. */
export function defectScore({ scores, good }: LabelledScores): number {
  return Math.min(1, Math.max(0, 1 - (scores[good] ?? Number.NaN)));
}

/**
 * PASS below the grey zone, FAIL above it, INCONCLUSIVE(GREY_ZONE) from its lower edge up to but not including its
 * upper edge. An empty zone (both edges at the threshold) leaves the threshold alone: score >= threshold is FAIL.
 */
export function decide(labelled: LabelledScores, point: OperatingPoint): Judgement {
  const score = defectScore(labelled);
  const verdict = verdictOf(score, point);
  const reason = verdict === 'INCONCLUSIVE' ? 'GREY_ZONE' : 'MODEL';
  return { verdict, reason, score, defectClass: verdict === 'PASS' ? null : worstDefect(labelled) };
}

function worstDefect({ scores, good }: LabelledScores): string | null {
  let worst: string | null = null;
  for (const [label, p] of Object.entries(scores)) {
    if (label !== good && (worst === null || p > (scores[worst] ?? 0))) worst = label;
  }
  return worst;
}
