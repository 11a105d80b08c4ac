import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OperatingPoint } from './card.js';
import type { ScoredSample } from './metrics-ranking.js';
import { chooseOperatingPoint, verdictOf } from './operating-point.js';

const good = (...scores: number[]): ScoredSample[] => scores.map((score) => ({ score, isDefect: false }));
const defect = (...scores: number[]): ScoredSample[] => scores.map((score) => ({ score, isDefect: true }));
const COSTS = { escapeCost: 10, overkillCost: 1, greyShare: 0 };
const range = (count: number, at: (i: number) => number) => Array.from({ length: count }, (_, i) => at(i));

function inZone(samples: readonly ScoredSample[], costs: typeof COSTS): number {
  const point = chooseOperatingPoint(samples, costs);
  return samples.filter(({ score }) => verdictOf(score, point) === 'INCONCLUSIVE').length;
}

describe('chooseOperatingPoint', () => {
  it('stands in the middle of the gap where the kinds are apart', () => {
    const point = chooseOperatingPoint([...good(0.1, 0.2), ...defect(0.6, 0.9)], COSTS);
    assert.deepEqual(point, { threshold: 0.4, greyZone: [0.4, 0.4] });
  });

  it('lets the costs decide about one defect among good parts', () => {
    // To catch the defect at 0.3, three good parts must go.
    const samples = [...good(0.1, 0.4, 0.5, 0.6), ...defect(0.3, 0.9)];
    assert.equal(chooseOperatingPoint(samples, COSTS).threshold, 0.2);
    assert.equal(chooseOperatingPoint(samples, { ...COSTS, escapeCost: 2 }).threshold, 0.75);
  });

  it('takes the lower of two thresholds that cost the same', () => {
    const samples = [...good(0.1, 0.4, 0.5), ...defect(0.3, 0.9)];
    assert.equal(chooseOperatingPoint(samples, { ...COSTS, escapeCost: 2 }).threshold, 0.2);
  });

  it('does not part equal scores', () => {
    const point = chooseOperatingPoint([...good(0.1, 0.5, 0.5), ...defect(0.5, 0.9)], COSTS);
    assert.equal(point.threshold, 0.3);
  });

  it('may reject everything or pass everything when that is cheapest', () => {
    const upsideDown = [...good(0.9), ...defect(0.1)];
    const reject = chooseOperatingPoint(upsideDown, COSTS);
    assert.ok(upsideDown.every(({ score }) => verdictOf(score, reject) === 'FAIL'));
    const pass = chooseOperatingPoint([...good(0.8, 0.9), ...defect(0.1)], { ...COSTS, escapeCost: 1 });
    assert.ok(upsideDown.every(({ score }) => verdictOf(score, pass) === 'PASS'));
  });

  it('works at the ends of the scale', () => {
    const point = chooseOperatingPoint([...good(0, 0), ...defect(1, 1)], { ...COSTS, greyShare: 0.5 });
    assert.deepEqual(OperatingPoint.parse(point), point);
    assert.equal(point.threshold, 0.5);
    assert.equal(verdictOf(1, point), 'FAIL');
    const zero = chooseOperatingPoint([...good(0.5), ...defect(0)], COSTS);
    assert.equal(verdictOf(0, zero), 'FAIL');
    const ones = chooseOperatingPoint([...good(1), ...defect(0.5)], { ...COSTS, escapeCost: 0.5 });
    assert.equal(verdictOf(1, ones), 'FAIL');
  });

  it('splits two scores that are next to each other among numbers', () => {
    const next = 0.5 + 2 ** -53;
    const point = chooseOperatingPoint([...good(0.5), ...defect(next)], COSTS);
    assert.equal(verdictOf(0.5, point), 'PASS');
    assert.equal(verdictOf(next, point), 'FAIL');
  });

  it('keeps the grey zone within its share, as many below as above the threshold', () => {
    const samples = [...good(...range(100, (i) => i / 250)), ...defect(...range(100, (i) => 0.6 + i / 250))];
    const point = chooseOperatingPoint(samples, { ...COSTS, greyShare: 0.02 });
    const grey = samples.filter(({ score }) => verdictOf(score, point) === 'INCONCLUSIVE');
    assert.deepEqual(
      grey.map(({ score }) => score),
      [98 / 250, 99 / 250, 0.6, 0.6 + 1 / 250],
    );
    assert.ok(point.greyZone[0] < point.threshold && point.threshold < point.greyZone[1]);
  });

  it('leaves equal scores out of the grey zone when they do not fit together', () => {
    const samples = [...good(0.1, 0.2, ...range(96, () => 0.3)), ...defect(0.7, 0.8)];
    // Two of a hundred: one on each side, but 96 goods share the score next to the threshold.
    assert.equal(inZone(samples, { ...COSTS, greyShare: 0.02 }), 1);
  });

  it('has no grey zone on too few pictures or without a share', () => {
    const samples = [...good(0.1, 0.2), ...defect(0.6, 0.9)];
    assert.equal(inZone(samples, { ...COSTS, greyShare: 0.02 }), 0);
    assert.equal(inZone(samples, { ...COSTS, greyShare: 0 }), 0);
    assert.equal(inZone(samples, { ...COSTS, greyShare: 1 }), 4);
  });

  it('refuses one kind alone', () => {
    assert.throws(() => chooseOperatingPoint(good(0.1, 0.2), COSTS), { name: 'InputError', code: 'ONE_CLASS' });
  });
});
