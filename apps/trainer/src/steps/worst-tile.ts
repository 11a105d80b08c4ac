import { findWorstTile } from '#model/decide';
import type { GroupedSample } from '#model/metrics-interval';
import type { Example } from './example.js';

export interface WorstTile {
  /** Place of the tile among the examples. */
  readonly at: number;
  /** 1 - P(good). */
  readonly score: number;
}

/**
 * The tile of each picture that looks worst, which is what the line judges a picture by.
 * @param probabilities [examples, labels]
 * @returns by the pictures' numbers, in the order they first appear
 */
export function worstTiles(
  examples: readonly Example[],
  probabilities: Float32Array,
  labels: number,
): Map<number, WorstTile> {
  const rows = new Map<number, number[]>();
  for (const [at, { picture }] of examples.entries()) {
    const own = rows.get(picture);
    if (own === undefined) rows.set(picture, [at]);
    else own.push(at);
  }
  const worst = new Map<number, WorstTile>();
  for (const [picture, own] of rows) {
    const at = findWorstTile(probabilities, { labels, goodAt: 0, rows: own });
    worst.set(picture, { at, score: 1 - (probabilities[at * labels] ?? Number.NaN) });
  }
  return worst;
}

/** Scores of pictures by their worst tiles. */
export function judgePictures(
  examples: readonly Example[],
  probabilities: Float32Array,
  labels: number,
): GroupedSample[] {
  return [...worstTiles(examples, probabilities, labels).values()].map(({ at, score }) => {
    const { label, group } = examples[at] as Example;
    return { score, isDefect: label !== 0, group };
  });
}
