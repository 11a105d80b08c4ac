import { findWorstTile } from '#model/decide';
import type { GroupedSample } from '#model/metrics-interval';
import type { HeldOut } from '#model/temperature';
import type { Example } from './example.js';

export interface WorstTile {
  /** Place of the tile among the examples. */
  readonly at: number;
  /** 1 - P(good). */
  readonly score: number;
}

/** Places of each picture's tiles among the examples, by the pictures' numbers in the order they first appear. */
export function tilesOf(examples: readonly Example[]): Map<number, number[]> {
  const tiles = new Map<number, number[]>();
  for (const [at, { picture }] of examples.entries()) {
    const own = tiles.get(picture);
    if (own === undefined) tiles.set(picture, [at]);
    else own.push(at);
  }
  return tiles;
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
  const worst = new Map<number, WorstTile>();
  for (const [picture, own] of tilesOf(examples)) {
    const at = findWorstTile(probabilities, { labels, goodAt: 0, rows: own });
    worst.set(picture, { at, score: 1 - (probabilities[at * labels] ?? Number.NaN) });
  }
  return worst;
}

/** What a network says of a picture, by its worst tile; `picture` as in the examples. */
export interface JudgedPicture extends GroupedSample, HeldOut {
  readonly picture: number;
}

export interface JudgedPictures {
  /** Mean cross-entropy. */
  readonly loss: number;
  /** In the order in which the pictures first appear. */
  readonly pictures: readonly JudgedPicture[];
}

/**
 * What a network says of pictures, each by its worst tile.
 * @param probabilities [examples, labels]
 */
export function judgePictures(
  examples: readonly Example[],
  probabilities: Float32Array,
  labels: number,
): JudgedPictures {
  const worst = [...worstTiles(examples, probabilities, labels)];
  let loss = 0;
  const pictures = worst.map(([picture, { at, score }]): JudgedPicture => {
    const { label, group } = examples[at] as Example;
    const own = probabilities.slice(at * labels, (at + 1) * labels);
    loss -= Math.log(Math.max(own[label] ?? Number.NaN, 1e-12)) / worst.length;
    return { picture, label, probabilities: own, score, isDefect: label !== 0, group };
  });
  return { loss, pictures };
}
