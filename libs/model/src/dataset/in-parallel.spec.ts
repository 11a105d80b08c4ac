import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chunksOf, inOrder } from './in-parallel.js';

describe('work in order', () => {
  it('hands results out in the order of the items, whichever ends first', async () => {
    const ends: ((value: number) => void)[] = [];
    const work = () => new Promise<number>((resolve) => ends.push(resolve));
    const results = inOrder([0, 1, 2], work);
    const first = results.next();
    // All are begun, or all that may be: the last ends first.
    for (const [i, end] of [...ends.entries()].reverse()) end(10 * i);
    assert.equal((await first).value, 0);
    assert.equal((await results.next()).value, 10);
    assert.equal((await results.next()).value, 20);
    assert.equal((await results.next()).done, true);
  });

  it('begins a few items ahead and no more', async () => {
    let begun = 0;
    const results = inOrder(Array(1_000).keys(), async (i) => {
      begun += 1;
      return i;
    });
    await results.next();
    assert.ok(begun > 1 && begun < 20, `${begun}`);
    await results.return(undefined);
  });

  it('ends with the first failure and starts nothing after it', async () => {
    let begun = 0;
    const work = async (i: number) => {
      begun += 1;
      if (i === 2) throw new Error('the third');
      return i;
    };
    const run = async () => {
      for await (const _ of inOrder(Array(1_000).keys(), work));
    };
    await assert.rejects(run, /the third/);
    assert.ok(begun < 20, `${begun}`);
  });

  it('cuts a list into runs', () => {
    assert.deepEqual(chunksOf([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);
    assert.deepEqual(chunksOf([], 2), []);
  });
});
