import { RefusedError } from '#contracts';
import { upperLimit } from './metrics-share.js';
import { percent, percentUp, roundUp } from './percent.js';
import type { Claim } from './wish.js';

/**
 * How many of `defects` may be missed so that the exact one-sided upper limit of the miss rate is within the claim;
 * null where even none missed is too weak.
 *
 * The number depends on the sample's size alone, never on its scores. So the limit stays exact for a threshold chosen
 * on the same pictures: a threshold at or below the (k+1)-th lowest defect score is a distribution-free tolerance limit
 * (Wilks, Annals of Mathematical Statistics 12, 1941).
 */
export function missesAllowed({ missAtMost, confidence }: Claim, defects: number): number | null {
  const holds = (missed: number) => upperLimit(missed, defects, confidence) <= missAtMost;
  if (defects === 0 || !holds(0)) return null;
  let [most, tooMany] = [0, defects];
  while (tooMany - most > 1) {
    const middle = Math.floor((most + tooMany) / 2);
    if (holds(middle)) most = middle;
    else tooMany = middle;
  }
  return most;
}

/**
 * Fewest defects with which the claim can be made when `missed` of them pass; null where no number that can be counted
 * (2^53) would do: none proves that nothing ever passes.
 */
export function defectsNeeded({ missAtMost, confidence }: Claim, missed = 0): number | null {
  const holds = (defects: number) => upperLimit(missed, defects, confidence) <= missAtMost;
  let [tooFew, enough] = [missed, missed + 1];
  while (!holds(enough)) {
    [tooFew, enough] = [enough, enough * 2];
    if (enough > Number.MAX_SAFE_INTEGER) return null;
  }
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (holds(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}

/**
 * Refuse a claim that so few validation defects can never carry. Needs their number only, so it can be asked before
 * training.
 * @throws RefusedError CLAIM_SAMPLE saying how many more are needed, and what the present ones can carry
 */
export function refuseClaim(claim: Claim, defects: number): void {
  if (missesAllowed(claim, defects) !== null) return;
  const needed = defectsNeeded(claim);
  const limit = upperLimit(0, defects, claim.confidence);
  const confidence = `at ${percent(claim.confidence)} confidence`;
  const lacking =
    needed === null
      ? `no number of defect pictures can show it, there are ${defects} in validation. Claim less`
      : `it needs ${needed} defect pictures in validation with none missed, there are ${defects}. Add ${needed - defects} defect pictures to validation`;
  const possible =
    defects === 0
      ? 'Without defects in validation nothing can be claimed'
      : `With ${defects} defects and none missed the most that can be claimed is: at most ${percentUp(limit)} missed, ${confidence} (operatingPoint.missAtMost: ${roundUp(limit)})`;
  throw new RefusedError(
    'CLAIM_SAMPLE',
    `Too few defects for the claim "miss at most ${percent(claim.missAtMost)} of the defects, ${confidence}" (one-sided, exact): ${lacking}. ${possible}.`,
  );
}
