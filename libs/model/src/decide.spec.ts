import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide, defectScore, worstTile } from './decide.js';

const labels = ['good', 'crack', 'scratch'];
const scored = (good: number, crack: number, scratch: number) => ({ good: 'good', scores: { good, crack, scratch } });
const point = { threshold: 0.5, greyZone: [0.4, 0.6] as [number, number] };

describe('decide', () => {
  const cases = [
    {
      name: 'passes below the grey zone, without a defect class',
      scores: scored(0.7, 0.2, 0.1),
      verdict: 'PASS',
      reason: 'MODEL',
      defectClass: null,
    },
    {
      name: 'is inconclusive from the lower edge on',
      scores: scored(0.6, 0.3, 0.1),
      verdict: 'INCONCLUSIVE',
      reason: 'GREY_ZONE',
      defectClass: 'crack',
    },
    {
      name: 'fails from the upper edge on, naming the worst class',
      scores: scored(0.4, 0.1, 0.5),
      verdict: 'FAIL',
      reason: 'MODEL',
      defectClass: 'scratch',
    },
    {
      name: 'never passes a score that is no number',
      scores: scored(Number.NaN, 0, 0),
      verdict: 'INCONCLUSIVE',
      reason: 'GREY_ZONE',
      defectClass: 'crack',
    },
  ];
  for (const { name, scores, verdict, reason, defectClass } of cases) {
    it(name, () => {
      const judgement = decide(scores, point);
      assert.deepEqual([judgement.verdict, judgement.reason, judgement.defectClass], [verdict, reason, defectClass]);
    });
  }

  describe('beside a guard', () => {
    const guard = {
      output: 'distance',
      limit: 4,
      falseAlarm: 0.005,
      heldOut: { pictures: 200, groups: 40, beyond: 1 },
    };
    const said = (distance: number | undefined, scores = scored(0.9, 0.1, 0)) => {
      const { verdict, reason } = decide({ ...scores, distance }, point, guard);
      return `${verdict} ${reason}`;
    };

    it('judges a picture up to the limit', () => assert.equal(said(4), 'PASS MODEL'));

    it('is inconclusive beyond it, whatever the score says', () => {
      assert.equal(said(4.01), 'INCONCLUSIVE UNFAMILIAR');
      assert.equal(said(4.01, scored(0.1, 0.9, 0)), 'INCONCLUSIVE UNFAMILIAR');
    });

    it('never passes a distance that is missing or no number', () => {
      for (const distance of [Number.NaN, undefined]) assert.equal(said(distance), 'INCONCLUSIVE UNFAMILIAR');
    });
  });

  it('fails at the threshold where the grey zone is empty', () => {
    const bare = { threshold: 0.5, greyZone: [0.5, 0.5] as [number, number] };
    assert.equal(decide(scored(0.5, 0.5, 0), bare).verdict, 'FAIL');
    assert.equal(decide(scored(0.51, 0.49, 0), bare).verdict, 'PASS');
  });
});

describe('worstTile', () => {
  it('takes the tile least likely to be good', () => {
    const worst = worstTile([0.9, 0.05, 0.05, 0.2, 0.7, 0.1, 0.8, 0.1, 0.1], { labels, good: 'good' });
    assert.deepEqual(worst.scores, { good: 0.2, crack: 0.7, scratch: 0.1 });
  });

  it('takes the strangest tile for how far the picture is', () => {
    const distances = Float32Array.of(1, 7, 3);
    const worst = worstTile([0.9, 0.1, 0, 0.8, 0.2, 0, 0.3, 0.7, 0], { labels, good: 'good', distances });
    assert.deepEqual([worst.distance, worst.scores['good']], [7, 0.3]);
  });

  it('lets a tile that is no number stand for the picture, wherever it is among good ones', () => {
    const after = [0.9, 0.05, 0.05, Number.NaN, 0, 0];
    const before = [Number.NaN, 0, 0, 0.9, 0.05, 0.05];
    for (const tiles of [after, before])
      assert.ok(Number.isNaN(defectScore(worstTile(tiles, { labels, good: 'good' }))));
  });
});
