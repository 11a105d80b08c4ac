import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Example } from './example.js';
import { focus } from './focus.js';

const head = { units: [], dropout: 0, labels: 2 };
const tile = (plain: number, picture: number, label: number): Example => ({
  records: [plain],
  plain,
  picture,
  label,
  group: `picture ${picture}`,
});
/** P(good) by record. */
const crewSaying = (good: readonly number[]) => ({
  predict: async (records: readonly number[]) =>
    Float32Array.from(records.flatMap((record) => [good[record] ?? 0, 1 - (good[record] ?? 0)])),
});

describe('focus', () => {
  it('keeps the worst tile of a defective picture and every tile of a good one', async () => {
    const examples = [tile(0, 0, 1), tile(1, 0, 1), tile(2, 1, 0), tile(3, 1, 0)];
    const kept = await focus(crewSaying([0.9, 0.2, 0.1, 0.8]), examples, head);
    assert.deepEqual(
      kept.map(({ plain }) => plain),
      [1, 2, 3],
    );
  });

  it('leaves pictures of one tile alone, without asking the network', async () => {
    const examples = [tile(0, 0, 1), tile(1, 1, 0)];
    const silent = { predict: async () => Promise.reject(new Error('asked')) };
    assert.equal(await focus(silent, examples, head), examples);
  });
});
