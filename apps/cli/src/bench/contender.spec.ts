import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Contender, race } from './contender.js';

/** Needs `ms[0]` in its first turn, `ms[1]` in its second, and notes its turns. */
function makeContender(name: string, ms: readonly number[], turns: string[]): Contender {
  let turn = 0;
  return {
    name,
    words: `${name} of a spec`,
    run: async (times) => {
      turns.push(name);
      return Array<number>(times).fill(ms[turn++] ?? Number.NaN);
    },
    stop: async () => undefined,
  };
}

describe('a race', () => {
  it('lets contenders take turns and leaves the first round out', async () => {
    const turns: string[] = [];
    const contenders = [makeContender('a', [900, 1, 2, 6], turns), makeContender('b', [900, 4, 4, 4], turns)];
    const raced = await race(contenders, { rounds: 3, times: 2 });
    assert.deepEqual(turns, ['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b']);
    assert.deepEqual(
      raced.map(({ name, words, ms }) => [name, words, ms]),
      [
        ['a', 'a of a spec', 2],
        ['b', 'b of a spec', 4],
      ],
    );
  });
});
