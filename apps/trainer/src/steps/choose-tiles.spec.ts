import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HARDEST_TILES } from '../plan/settle.js';
import { chooseTiles } from './choose-tiles.js';
import type { Example } from './example.js';

const tile = (plain: number, picture: number, label: number): Example => ({
  records: [plain],
  plain,
  picture,
  label,
  group: `picture ${picture}`,
});
const plainOf = (tiles: readonly Example[]): number[] => tiles.map(({ plain }) => plain);
/** Says P(good) by record, one list per pass, and keeps what it was taught. */
function headSaying(...passes: readonly number[][]) {
  const taught: number[][] = [];
  const teach = async (tiles: readonly Example[], pass: number): Promise<Float32Array> => {
    taught.push(plainOf(tiles));
    return Float32Array.from(tiles.flatMap(({ plain }) => [passes[pass - 1]?.[plain] ?? 0, 0]));
  };
  return { taught, labels: 2, teach };
}

describe('the tiles that teach', () => {
  it('are the worst of a defective picture, to a head taught all, and the worst few of a good one, to a head taught with it', async () => {
    const good = Array.from({ length: HARDEST_TILES + 2 }, (_, at) => tile(3 + at, 1, 0));
    const examples = [tile(0, 0, 1), tile(1, 0, 1), tile(2, 0, 1), ...good];
    const first = [0.9, 0.2, 0.5, ...good.map(() => 0.1)];
    // The head that knows the defect's tile finds the second and the fifth tile of the good picture to be the best.
    const second = [0, 0.9, 0, ...good.map((_, at) => (at === 1 || at === 4 ? 0.99 : 0.5))];
    const head = headSaying(first, second);
    const kept = plainOf(await chooseTiles(examples, head));
    assert.deepEqual(head.taught, [plainOf(examples), [1, ...plainOf(good)]]);
    assert.deepEqual(kept, [1, 3, 5, 6, 8]);
  });

  it('are all that good pictures have where these are few', async () => {
    const examples = [tile(0, 0, 1), tile(1, 0, 1), tile(2, 1, 0), tile(3, 1, 0)];
    const kept = await chooseTiles(examples, headSaying([0.2, 0.9, 0.1, 0.1], [0.2, 0, 0.1, 0.1]));
    assert.deepEqual(plainOf(kept), [0, 2, 3]);
  });

  it('are the pictures themselves where these have one, and no head is taught', async () => {
    const examples = [tile(0, 0, 1), tile(1, 1, 0)];
    const teach = async () => Promise.reject(new Error('taught'));
    assert.equal(await chooseTiles(examples, { labels: 2, teach }), examples);
  });
});
