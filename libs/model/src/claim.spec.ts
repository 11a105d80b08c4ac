import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defectsNeeded, missesAllowed, refuseClaim } from './claim.js';
import { upperLimit } from './metrics-share.js';

const CLAIM = { missAtMost: 0.005, confidence: 0.95 };

describe('a claim about misses', () => {
  it('of 0.5 % at 95 % confidence needs 598 defects with none missed, 947 with one', () => {
    // (1 - 0.005)^n <= 0.05; scipy 1.17.1: beta.ppf(0.95, 2, 946) <= 0.005 < beta.ppf(0.95, 2, 945).
    assert.equal(defectsNeeded(CLAIM), 598);
    assert.equal(defectsNeeded(CLAIM, 1), 947);
    assert.equal(missesAllowed(CLAIM, 597), null);
    assert.deepEqual(
      [598, 946, 947, 10_000].map((defects) => missesAllowed(CLAIM, defects)),
      [0, 0, 1, 38],
    );
  });

  it('needs more defects than can be counted for next to nothing, and for nothing at all', () => {
    const needed = (missAtMost: number, missed = 0) => defectsNeeded({ missAtMost, confidence: 0.95 }, missed);
    assert.deepEqual([needed(0), needed(0, 3), needed(1e-17), needed(1e-17, 3)], [null, null, null, null]);
    assert.equal(needed(1e-6), 2_995_731);
    assert.throws(() => refuseClaim({ missAtMost: 1e-17, confidence: 0.95 }, 60), {
      code: 'CLAIM_SAMPLE',
      message: /no number of defect pictures can show it, there are 60 .*at most 4\.88 % missed/,
    });
  });

  it('allows exactly as many misses as the exact limit does', () => {
    for (const [missAtMost, defects] of [
      [0.02, 500],
      [0.1, 97],
      [0.5, 40],
      [0.97, 12],
    ] as const) {
      const allowed = missesAllowed({ missAtMost, confidence: 0.95 }, defects) ?? -1;
      assert.ok(upperLimit(allowed, defects, 0.95) <= missAtMost, `${allowed} of ${defects}`);
      assert.ok(upperLimit(allowed + 1, defects, 0.95) > missAtMost, `${allowed + 1} of ${defects}`);
    }
  });

  it('is refused on 60 defects, with what is missing and what 60 can carry', () => {
    assert.throws(() => refuseClaim(CLAIM, 60), {
      name: 'RefusedError',
      code: 'CLAIM_SAMPLE',
      message: /miss at most 0\.5 %.*needs 598 .* there are 60\. Add 538 .*at most 4\.88 % missed/,
    });
    refuseClaim({ missAtMost: 0.0488, confidence: 0.95 }, 60);
    refuseClaim(CLAIM, 598);
  });

  it('is refused without any defect', () => {
    assert.throws(() => refuseClaim(CLAIM, 0), {
      code: 'CLAIM_SAMPLE',
      message: /there are 0.*nothing can be claimed/,
    });
  });

  it('keeps its promise although the threshold is chosen on the same defects', () => {
    // Wilks: the true miss rate below the (k+1)-th lowest of n scores is Beta(k + 1, n - k). Uniform scores make the
    // threshold itself that rate, so the share of samples in which the claim is broken can be counted.
    const claim = { missAtMost: 0.1, confidence: 0.9 };
    const allowed = missesAllowed(claim, 60) ?? Number.NaN;
    let state = 7;
    const random = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    const broken = Array.from({ length: 4000 }, () => {
      const scores = Array.from({ length: 60 }, random).sort((a, b) => a - b);
      return (scores[allowed] ?? 1) > claim.missAtMost;
    }).filter(Boolean).length;
    assert.ok(broken / 4000 <= 0.1, `${broken} of 4000`);
    assert.ok(broken / 4000 > 0.01, 'and is no stricter than it must be');
  });
});
