import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Reached } from './card.js';
import { percent, percentUp, roundUp } from './percent.js';
import { describeReached, reachedAt } from './reached.js';
import { describeWish, type Wish } from './wish.js';

const CLAIM: Wish = { kind: 'claim', missAtMost: 0.05, confidence: 0.95 };
const OVERKILL: Wish = { kind: 'overkill', rejectAtMost: 0.02 };
const NOTHING: Wish = { kind: 'overkill', rejectAtMost: 0 };
const COSTS: Wish = { kind: 'costs', escapeCost: 10, overkillCost: 1 };
const missed = (fn: number, of: number) => ({ tp: of - fn, fn, fp: 1, tn: 99 });
const rejected = (fp: number, of: number) => ({ tp: 10, fn: 0, fp, tn: of - fp });

describe('what pictures show of a wish', () => {
  it('is the exact one-sided limit of both errors', () => {
    // scipy 1.17.1: beta.ppf(0.95, 2, 96), beta.ppf(0.95, 2, 99).
    const reached = reachedAt(missed(1, 97), CLAIM);
    assert.ok(Math.abs(reached.missLimit - 0.0479721) < 1e-6, String(reached.missLimit));
    assert.ok(Math.abs(reached.overkillLimit - 0.0465598) < 1e-6, String(reached.overkillLimit));
    assert.deepEqual(Reached.parse(reached), reached);
  });

  for (const [counts, wish, standing, words] of [
    [
      missed(1, 97),
      CLAIM,
      'shown',
      /1 of 97 defects missed, at most 4\.8 %.*one-sided 95 % limits\): this shows the claim/,
    ],
    [missed(2, 97), CLAIM, 'open', /too few defects to show or refute the claim, 27 more without a miss would show it/],
    [missed(12, 97), CLAIM, 'refuted', /this refutes the claim/],
    [rejected(0, 200), OVERKILL, 'shown', /0 of 200 good parts rejected.*shows the wished overkill/],
    [rejected(2, 200), OVERKILL, 'open', /it takes 313 good parts to show/],
    [rejected(20, 200), OVERKILL, 'refuted', /refutes the wished overkill/],
    [rejected(0, 200), NOTHING, 'open', /at most 1\.49 %.*: no number of good parts can show the wished overkill$/],
    [rejected(1, 200), NOTHING, 'refuted', /refutes the wished overkill/],
    [rejected(0, 200), { ...NOTHING, rejectAtMost: 1e-17 }, 'open', /no number of good parts can show/],
    [missed(0, 97), { ...CLAIM, missAtMost: 1e-17 }, 'open', /no number of defects can show the claim$/],
    [missed(12, 97), COSTS, null, /12 of 97 defects missed, at most [^:]*$/],
  ] as const) {
    it(`stands as ${standing} at ${JSON.stringify(counts)} for a wish of ${wish.kind}`, () => {
      const reached = reachedAt(counts, wish);
      assert.equal(reached.standing, standing);
      assert.match(describeReached(reached, wish), words);
    });
  }

  it('puts every wish into words', () => {
    const say = (wish: Wish, defectRate: number | null = null) => describeWish({ wish, defectRate });
    assert.equal(say(CLAIM), 'miss at most 5 % of the defects, at 95 % confidence');
    assert.equal(say(OVERKILL), 'reject at most 2 % of the good parts');
    assert.match(say(COSTS, 0.01), /an escape costs 10, an overkill 1, 1 % of the parts are defective$/);
  });
});

describe('a share in words', () => {
  it('has three digits, and a promised limit is never rounded down', () => {
    assert.deepEqual([0.005, 0.12345, 1].map(percent), ['0.5 %', '12.3 %', '100 %']);
    assert.deepEqual([0.99, 0.9996, 0.99995].map(percent), ['99 %', '99.96 %', '99.995 %'], 'less than all');
    assert.deepEqual([0.048703, 0.0488, 0.9999, 0].map(percentUp), ['4.88 %', '4.88 %', '100 %', '0 %']);
    assert.equal(roundUp(0.0487029), 0.0488);
  });
});
