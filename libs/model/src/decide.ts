import type { Decision, Reason } from '#contracts';
import type { Guard, OperatingPoint } from './card.js';

/**
 * PASS below the grey zone, FAIL above it, INCONCLUSIVE from its lower edge up to but not including its upper edge.
 * An empty zone (both edges at the threshold) leaves the threshold alone: score >= threshold is FAIL. A score that is
 * no number is never PASS.
 */
export function verdictOf(score: number, { greyZone: [low, high] }: OperatingPoint): Decision {
  if (score < low) return 'PASS';
  return score >= high ? 'FAIL' : 'INCONCLUSIVE';
}

/** A picture's score and whether the guard kept it from being judged. */
export interface GuardedScore {
  /** Defect score, 1 - P(good). */
  readonly score: number;
  /** Default false. */
  readonly isUnfamiliar?: boolean;
}

/** The line's verdict on a scored picture and why: INCONCLUSIVE where the guard does not know it, whatever its score. */
export function judgeScored(
  { score, isUnfamiliar = false }: GuardedScore,
  point: OperatingPoint,
): Pick<Judgement, 'verdict' | 'reason'> {
  if (isUnfamiliar) return { verdict: 'INCONCLUSIVE', reason: 'UNFAMILIAR' };
  const verdict = verdictOf(score, point);
  return { verdict, reason: verdict === 'INCONCLUSIVE' ? 'GREY_ZONE' : 'MODEL' };
}

/** The verdict of {@link judgeScored} alone. */
export function verdictOfScored(scored: GuardedScore, point: OperatingPoint): Decision {
  return judgeScored(scored, point).verdict;
}

/** What the model's word means for the part. */
export interface Judgement {
  readonly verdict: Decision;
  readonly reason: Extract<Reason, 'MODEL' | 'GREY_ZONE' | 'UNFAMILIAR'>;
  readonly score: number;
  /** Worst defect class; null on PASS. */
  readonly defectClass: string | null;
}

export interface LabelledScores {
  /** P(label), summing to 1. */
  readonly scores: Readonly<Record<string, number>>;
  readonly good: string;
  /** How unlike training the picture is; absent where the model has no guard. */
  readonly distance?: number;
}

/**
 * Of a picture's tiles, the one least likely to be good, the first of equals: it stands for the picture. A probability
 * that is no number is worse than any: it must not hide behind a good tile.
 * @param probabilities [rows, labels], row-major
 * @param options `goodAt` column of P(good); `rows` those of the picture, all by default
 * @returns the row
 */
export function findWorstTile(
  probabilities: ArrayLike<number>,
  { labels, goodAt, rows }: { labels: number; goodAt: number; rows?: Iterable<number> },
): number {
  let worst = { row: 0, good: Number.POSITIVE_INFINITY };
  for (const row of rows ?? Array(probabilities.length / labels).keys()) {
    const good = probabilities[row * labels + goodAt] ?? Number.NaN;
    if (Number.isNaN(good)) return row;
    if (good < worst.good) worst = { row, good };
  }
  return worst.row;
}

/**
 * What the worst of a picture's tiles says, and how far the strangest is.
 * @param probabilities [tiles, labels], row-major
 * @param options `distances` [tiles] where the model has a guard
 */
export function worstTile(
  probabilities: ArrayLike<number>,
  { labels, good, distances }: { labels: readonly string[]; good: string; distances?: Float32Array | undefined },
): LabelledScores {
  const tile = findWorstTile(probabilities, { labels: labels.length, goodAt: labels.indexOf(good) });
  const own = labels.map((label, i) => [label, probabilities[tile * labels.length + i] ?? Number.NaN]);
  return {
    good,
    scores: Object.fromEntries(own),
    // Math.max keeps a distance that is no number.
    ...(distances === undefined ? {} : { distance: Math.max(...distances) }),
  };
}

/** Defect score of one picture: 1 - P(good), higher = worse. */
export function defectScore({ scores, good }: LabelledScores): number {
  return Math.min(1, Math.max(0, 1 - (scores[good] ?? Number.NaN)));
}

/** True for a picture that the guard does not know; a distance that is no number is never familiar. */
export function isUnfamiliar({ distance = Number.NaN }: LabelledScores, guard: Guard | null): boolean {
  return guard !== null && !(distance <= guard.limit);
}

/**
 * INCONCLUSIVE(UNFAMILIAR) beyond the guard's limit: what the model says of such a picture is worth nothing. Else PASS below the grey zone, FAIL above it, INCONCLUSIVE(GREY_ZONE) from its lower edge up to but not including its
 * upper edge. An empty zone (both edges at the threshold) leaves the threshold alone: score >= threshold is FAIL.
 */
export function decide(labelled: LabelledScores, point: OperatingPoint, guard: Guard | null = null): Judgement {
  const score = defectScore(labelled);
  const judged = judgeScored({ score, isUnfamiliar: isUnfamiliar(labelled, guard) }, point);
  return { ...judged, score, defectClass: judged.verdict === 'PASS' ? null : worstDefect(labelled) };
}

/** The defect class that a part is given if it does not pass: the likeliest one; null where there is no class but good. */
export function worstDefect({ scores, good }: LabelledScores): string | null {
  let worst: string | null = null;
  for (const [label, p] of Object.entries(scores)) {
    if (label !== good && (worst === null || p > (scores[worst] ?? 0))) worst = label;
  }
  return worst;
}
