import type { Decision, Reason } from '#contracts';
import type { OperatingPoint } from './card.js';

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

/** Defect score of one picture: 1 - P(good), higher = worse. */
export function defectScore({ scores, good }: LabelledScores): number {
  return Math.min(1, Math.max(0, 1 - (scores[good] ?? 0)));
}

/**
 * PASS below the grey zone, FAIL above it, INCONCLUSIVE(GREY_ZONE) from its lower edge up to but not including its
 * upper edge. An empty zone (both edges at the threshold) leaves the threshold alone: score >= threshold is FAIL.
 */
export function decide(labelled: LabelledScores, { greyZone: [low, high] }: OperatingPoint): Judgement {
  const score = defectScore(labelled);
  if (Number.isFinite(score) && score < low) return { verdict: 'PASS', reason: 'MODEL', score, defectClass: null };
  const defectClass = worstDefect(labelled);
  if (score >= high) return { verdict: 'FAIL', reason: 'MODEL', score, defectClass };
  return { verdict: 'INCONCLUSIVE', reason: 'GREY_ZONE', score, defectClass };
}

function worstDefect({ scores, good }: LabelledScores): string | null {
  let worst: string | null = null;
  for (const [label, p] of Object.entries(scores)) {
    if (label !== good && (worst === null || p > (scores[worst] ?? 0))) worst = label;
  }
  return worst;
}
