import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrainRequest } from './jobs.js';

describe('a training request', () => {
  for (const [place, words] of [
    ['data', { data: '/da\0ta' }],
    ['plan', { data: '/data', plan: 'p\n' }],
    ['good[0]', { data: '/data', good: ['ok\u007f'] }],
    ['set.seed', { data: '/data', set: { seed: '\u0000' } }],
  ] as const) {
    it(`takes no control characters in ${place}`, () => {
      const { error } = TrainRequest.safeParse(words);
      assert.equal(error?.issues[0]?.path.join('.').replace('.0', '[0]'), place);
      assert.match(error?.issues[0]?.message ?? '', /control characters/);
    });
  }
});
