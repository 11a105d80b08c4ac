import type { ScoredSample } from '#model/metrics';
import type { Example } from './example.js';

export interface WorstTile {
  /** Place of the tile among the examples. */
  readonly at: number;
  /** 1 - P(good). */
  readonly score: number;
}

/**
 * The tile of each picture that looks worst, which is what the line judges a picture by. A score that is no number is
 * worse than any: it must not hide behind a good tile.
 * @param probabilities [examples, labels]
 * @returns by the pictures' numbers, in the order they first appear
 */
export function worstTiles(
  examples: readonly Example[],
  probabilities: Float32Array,
  labels: number,
): Map<number, WorstTile> {
  const worst = new Map<number, WorstTile>();
  for (const [at, { picture }] of examples.entries()) {
    const score = 1 - (probabilities[at * labels] ?? Number.NaN);
    const before = worst.get(picture)?.score ?? -1;
    if (!(score <= before || Number.isNaN(before))) worst.set(picture, { at, score });
  }
  return worst;
}

/** Scores of pictures by their worst tiles. */
export function judgePictures(
  examples: readonly Example[],
  probabilities: Float32Array,
  labels: number,
): ScoredSample[] {
  return [...worstTiles(examples, probabilities, labels).values()].map(({ at, score }) => ({
    score,
    isDefect: examples[at]?.label !== 0,
  }));
}
