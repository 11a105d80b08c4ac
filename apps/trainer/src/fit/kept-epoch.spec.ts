import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeKept, keptOf } from './kept-epoch.js';

const stopping = { metric: 'auroc', patience: null, tolerance: 0.02, certain: true } as const;

const CASES = [
  { epoch: 12, keep: 'last', averaging: 0, words: 'epoch 12 of 12, the last' },
  { epoch: 6, keep: 'last', averaging: 0, words: 'epoch 6 of 12, the best by AUROC on validation' },
  { epoch: 12, keep: 'best', averaging: 0, words: 'epoch 12 of 12, the best by AUROC on validation' },
  { epoch: 12, keep: 'last', averaging: 0.9, words: 'epoch 12 of 12, the last, weights averaged over the steps' },
  {
    epoch: 0,
    keep: 'best',
    averaging: 0.9,
    words: 'what it began with, as none of 12 epochs is better by AUROC on validation',
  },
] as const;

describe('the epoch that a phase keeps', () => {
  for (const { epoch, words, ...rule } of CASES) {
    it(`is said as: ${words}`, () => {
      assert.equal(describeKept(keptOf({ epoch, ran: 12 }, { ...rule, stopping })), words);
    });
  }
});
