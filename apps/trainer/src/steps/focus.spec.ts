import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Example } from './fit.js';
import { focus } from './focus.js';

const head = { units: [], dropout: 0, labels: 2 };
const tile = (file: string, picture: number, label: number): Example => ({ files: [file], picture, label });
/** P(good) by file name. */
const crewSaying = (good: Record<string, number>) => ({
  predict: async (files: readonly string[]) =>
    Float32Array.from(files.flatMap((file) => [good[file] ?? 0, 1 - (good[file] ?? 0)])),
});

describe('focus', () => {
  it('keeps the worst tile of a defective picture and every tile of a good one', async () => {
    const examples = [tile('a', 0, 1), tile('b', 0, 1), tile('c', 1, 0), tile('d', 1, 0)];
    const kept = await focus(crewSaying({ a: 0.9, b: 0.2, c: 0.1, d: 0.8 }), examples, head);
    assert.deepEqual(
      kept.map(({ files }) => files[0]),
      ['b', 'c', 'd'],
    );
  });

  it('leaves pictures of one tile alone, without asking the network', async () => {
    const examples = [tile('a', 0, 1), tile('c', 1, 0)];
    const silent = { predict: async () => Promise.reject(new Error('asked')) };
    assert.equal(await focus(silent, examples, head), examples);
  });
});
