import { RefusedError } from '#contracts';
import type { ModelCard } from './card.js';

/** The exported graph may differ from the trainer's scores by at most this much (fp32 on two runtimes). */
const MAX_DIFFERENCE = 1e-4;

/**
 * The exported fp32 graph was compared with the trained network and repeats it. The other precisions were judged on
 * validation.
 * @throws RefusedError CERTIFICATION_FAILED
 */
export function assertCertified({ id, precisions }: Pick<ModelCard, 'id' | 'precisions'>): void {
  // The card's schema promises fp32.
  const { pictures = 0, maxDifference = Number.NaN, flips = 0 } = precisions[0]?.certification ?? {};
  if (pictures >= 1 && maxDifference <= MAX_DIFFERENCE && flips === 0) return;
  throw new RefusedError(
    'CERTIFICATION_FAILED',
    `Model ${id} is not certified: expected scores of the exported graph within ${MAX_DIFFERENCE} of the trainer's and no verdict flipped, got a difference of ${maxDifference} and ${flips} flips on ${pictures} pictures. Export it again.`,
  );
}
