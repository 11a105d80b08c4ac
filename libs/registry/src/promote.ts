import { type Evaluation, RefusedError } from '#contracts';
import type { ModelCard } from '#model/card';
import type { Activation } from './activations.js';
import type { Registry } from './registry.js';

/**
 * What the candidate was held against: `FIRST` nothing was active, `SAME_DATA` the active model's figures on the same
 * pictures, `SAME_WEIGHTS` the same network at another operating point on the same pictures, `OTHER_DATA` the active
 * model was judged on other pictures, so the two cards cannot be compared.
 */
export type PromotionBasis = 'FIRST' | 'SAME_DATA' | 'SAME_WEIGHTS' | 'OTHER_DATA';

/** What a person who promotes should have read. */
export interface PromotionCase {
  readonly basis: PromotionBasis;
  /** The figures, what they show of the wish behind the threshold, and what the training doubted. */
  readonly summary: string;
}

export interface Promotion extends PromotionCase {
  readonly activation: Activation;
}

/**
 * The gate between a stored model and a recipe: held-out defects, not worse than what is active, a named person. The
 * only way to go live; nothing calls it but a person's command.
 * @throws RefusedError PROMOTE_NO_DEFECTS, PROMOTE_WORSE, PROMOTE_OVERTAKEN when the model it was held against is no
 *   longer active, and everything that `Registry.activate` throws
 */
export async function promote(
  registry: Registry,
  request: { id: string; recipe: string; by: string },
): Promise<Promotion> {
  const { from, ...told } = await weighPromotion(registry, request);
  return { activation: await registry.activate({ ...request, from }), ...told };
}

/**
 * What {@link promote} would hold a candidate against, before anybody puts a name under it: nothing is changed.
 * @returns `from` the model that is active now; null where none is
 * @throws RefusedError PROMOTE_NO_DEFECTS | PROMOTE_WORSE; InputError MODEL_UNKNOWN | CARD_INVALID | HISTORY_INVALID
 */
export async function weighPromotion(
  registry: Registry,
  { id, recipe }: { id: string; recipe: string },
): Promise<PromotionCase & { readonly from: string | null }> {
  const candidate = await registry.card(id);
  const from = (await registry.active(recipe))?.modelId ?? null;
  return { from, ...comparePromotion(candidate, from === null ? null : await registry.card(from)) };
}

/**
 * Hold a candidate against the active model, as far as their cards tell.
 * @throws RefusedError PROMOTE_NO_DEFECTS when no held-out defect ever tested the candidate
 * @throws RefusedError PROMOTE_WORSE when on the same pictures it misses or over-rejects more than chance explains
 */
function comparePromotion(candidate: ModelCard, active: ModelCard | null): PromotionCase {
  const { test } = candidate.metrics;
  if (test === null || test.positives === 0) {
    throw new RefusedError(
      'PROMOTE_NO_DEFECTS',
      `Model ${candidate.id} cannot be promoted: expected held-out defects in its test, got ${test === null ? 'no test at all' : 'none'}. Nothing shows that it finds a defect. Train with a test split that holds some.`,
    );
  }
  const { inconclusive } = test.atThreshold;
  const unsure = inconclusive === 0 ? '' : `, ${inconclusive} of all ${test.n} being INCONCLUSIVE, which is rejected`;
  const own = `${candidate.id} missed ${shareOf(test, 'missRate')} and rejected ${shareOf(test, 'overkill')}${unsure}`;
  const reason = candidate.operatingReason === null ? [] : [candidate.operatingReason.words];
  const why = [...reason, ...describeDoubts(candidate)].map((line) => `\n${line}`).join('');
  if (active === null) return { basis: 'FIRST', summary: `First model of this recipe: ${own}.${why}` };
  const other = active.metrics.test;
  if (active.data.fingerprint !== candidate.data.fingerprint || other === null) {
    return {
      basis: 'OTHER_DATA',
      summary: `${own}.\n${active.id}, active before, was judged on other pictures: evaluate both on the same ones to compare them.${why}`,
    };
  }
  const against = `missed ${shareOf(other, 'missRate')} and rejected ${shareOf(other, 'overkill')} of the same pictures`;
  const before = `${active.id}, active before, ${against}`;
  // One network at two thresholds trades misses for overkill: neither is the worse model, the person has the word.
  if (active.weightsSha256 === candidate.weightsSha256)
    return { basis: 'SAME_WEIGHTS', summary: `${own}.\n${before}, with the same weights.${why}` };
  const worse = (['missRate', 'overkill'] as const).filter(
    (share) => (test.atThreshold[share].value ?? 0) > other.atThreshold[share].high,
  );
  if (worse.length === 0) return { basis: 'SAME_DATA', summary: `${own}.\n${before}.${why}` };
  throw new RefusedError(
    'PROMOTE_WORSE',
    `Model ${candidate.id} is worse than the active one beyond chance (above its 95 % limit): ${own}. ${active.id}, active now, ${against}. Keep the active model or train a better one.`,
  );
}

function describeDoubts({ doubts }: ModelCard): string[] {
  return (doubts ?? []).map(({ words }) => `Doubted by its training: ${words}.`);
}

function shareOf({ atThreshold, positives, n }: Evaluation, share: 'missRate' | 'overkill'): string {
  const { fn, fp } = atThreshold;
  return share === 'missRate' ? `${fn} of ${positives} defects` : `${fp} of ${n - positives} good parts`;
}
