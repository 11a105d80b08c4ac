import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Aim } from '#model/wish';
import type { Scored } from '../judge/score.js';
import { spreadOfThreshold } from './threshold-spread.js';

const COSTS: Aim = {
  wish: { kind: 'costs', escapeCost: 10, overkillCost: 1 },
  defectRate: null,
  reviewPerThousand: 20,
};

/** Good pictures from 0 to 0.4, defects from 0.7 up, and what else is given; each a part of its own unless `partOf` says otherwise. */
function judged(odd: readonly number[] = [], partOf: (isDefect: boolean) => string | null = () => null): Scored[] {
  const scores = [
    ...Array.from({ length: 40 }, (_, i) => ({ score: i / 100, isDefect: false })),
    ...Array.from({ length: 20 }, (_, i) => ({ score: 0.7 + i / 100, isDefect: true })),
    ...odd.map((score) => ({ score, isDefect: true })),
  ];
  return scores.map((one, i) => {
    const path = `${i}.png`;
    const label = one.isDefect ? 'defect' : 'good';
    const group = partOf(one.isDefect);
    return { ...one, sample: { path, file: path, label, split: 'val', group, lot: null, part: null } } as Scored;
  });
}

describe('the spread of a threshold', () => {
  it('is narrow where the kinds are apart', () => {
    const [low, high] = spreadOfThreshold(judged(), COSTS) ?? [0, 1];
    assert.ok(low > 0.38 && high < 0.45, `${low} to ${high}`);
  });

  it('is wide where one odd defect decides', () => {
    const [low, high] = spreadOfThreshold(judged([0.305]), COSTS) ?? [0, 0];
    assert.ok(low < 0.31 && high > 0.4, `${low} to ${high}`);
  });

  it('is not told where one part shows all the defects', () => {
    assert.equal(
      spreadOfThreshold(
        judged([0.355], (isDefect) => (isDefect ? 'screw 1' : null)),
        COSTS,
      ),
      null,
    );
    assert.equal(
      spreadOfThreshold(
        judged([], () => 'screw 1'),
        COSTS,
      ),
      null,
    );
  });

  it('repeats itself exactly, and says nothing where a claim needs every defect there is', () => {
    assert.deepEqual(spreadOfThreshold(judged([0.3]), COSTS), spreadOfThreshold(judged([0.3]), COSTS));
    const claim: Aim = { ...COSTS, wish: { kind: 'claim', missAtMost: 0.01, confidence: 0.95 } };
    assert.equal(spreadOfThreshold(judged(), claim), null);
  });
});
