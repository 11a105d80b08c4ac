import type { ScoredSample } from '#model/metrics';
import type { Example } from './fit.js';

/**
 * Score pictures by their worst tile, as the line does: 1 - P(good).
 * @param probabilities [examples, labels]
 */
export function judgePictures(
  examples: readonly Example[],
  probabilities: Float32Array,
  labels: number,
): ScoredSample[] {
  const worst = new Map<number, ScoredSample>();
  for (const [i, { label, picture }] of examples.entries()) {
    const score = 1 - (probabilities[i * labels] ?? Number.NaN);
    if (!(score <= (worst.get(picture)?.score ?? -1))) worst.set(picture, { score, isDefect: label !== 0 });
  }
  return [...worst.values()];
}
