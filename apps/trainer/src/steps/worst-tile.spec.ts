import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Example } from './example.js';
import { judgePictures, worstTiles } from './worst-tile.js';

const tile = (picture: number, label: number): Example => ({
  records: [0],
  plain: 0,
  picture,
  label,
  group: 'part 3',
});
/** [P(good), rest] per tile, with exact halves and quarters. */
const saying = (...good: number[]) => Float32Array.from(good.flatMap((one) => [one, 1 - one]));

describe('a picture of several tiles', () => {
  const cases: [name: string, good: [number, number, number], at: number, score: number][] = [
    ['is as bad as its worst tile', [0.75, 0.25, 0.5], 1, 0.75],
    ['keeps the first of equal tiles', [0.5, 0.25, 0.25], 1, 0.75],
    ['is broken where a tile is, before good ones', [Number.NaN, 0.25, 0.5], 0, Number.NaN],
    ['is broken where a tile is, after good ones', [0.25, 0.5, Number.NaN], 2, Number.NaN],
  ];
  for (const [name, good, at, score] of cases)
    it(name, () => {
      const tiles = [tile(7, 1), tile(7, 1), tile(7, 1)];
      assert.deepEqual([...worstTiles(tiles, saying(...good), 2)], [[7, { at, score }]]);
      const { loss, pictures } = judgePictures(tiles, saying(...good), 2);
      const probabilities = Float32Array.of(1 - score, score);
      const said = { picture: 7, label: 1, probabilities, score, isDefect: true, group: 'part 3' };
      assert.deepEqual(pictures, [said]);
      assert.equal(loss, -Math.log(score));
    });
});
