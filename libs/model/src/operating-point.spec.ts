import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OperatingPoint } from './card.js';
import { verdictOf, verdictOfScored } from './decide.js';
import type { ScoredSample } from './metrics-ranking.js';
import { chooseOperatingPoint } from './operating-point.js';
import type { Aim } from './wish.js';

const good = (...scores: number[]): ScoredSample[] => scores.map((score) => ({ score, isDefect: false }));
const defect = (...scores: number[]): ScoredSample[] => scores.map((score) => ({ score, isDefect: true }));
const COSTS: Aim = atCosts(10);
const STRICT: Aim = { ...COSTS, wish: { kind: 'claim', missAtMost: 0.1, confidence: 0.95 } };
const overkill = (rejectAtMost: number): Aim => ({ ...COSTS, wish: { kind: 'overkill', rejectAtMost } });
const range = (count: number, at: (i: number) => number) => Array.from({ length: count }, (_, i) => at(i));

function atCosts(escapeCost: number, defectRate: number | null = null): Aim {
  return { wish: { kind: 'costs', escapeCost, overkillCost: 1 }, defectRate, reviewPerThousand: 0 };
}

/** Scores of the pictures that fail. */
function failed(samples: readonly ScoredSample[], aim: Aim): number[] {
  const point = chooseOperatingPoint(samples, aim);
  return samples.map(({ score }) => score).filter((score) => verdictOf(score, point) === 'FAIL');
}

function inZone(samples: readonly ScoredSample[], aim: Aim): number {
  const point = chooseOperatingPoint(samples, aim);
  return samples.filter(({ score }) => verdictOf(score, point) === 'INCONCLUSIVE').length;
}

describe('chooseOperatingPoint', () => {
  it('stands in the middle of the gap where the kinds are apart and cost the same', () => {
    const point = chooseOperatingPoint([...good(0.1, 0.2), ...defect(0.6, 0.9)], atCosts(1));
    assert.deepEqual(point, { threshold: 0.4, greyZone: [0.4, 0.4] });
  });

  it('stands the nearer to the good ones the dearer an escape is, as no picture tells where in the gap', () => {
    const samples = [...good(0.1, 0.2), ...defect(0.64, 0.9)];
    assert.equal(chooseOperatingPoint(samples, COSTS).threshold.toFixed(4), '0.2400');
    assert.equal(chooseOperatingPoint(samples, atCosts(3)).threshold.toFixed(4), '0.3100');
    assert.equal(chooseOperatingPoint(samples, atCosts(1 / 10)).threshold.toFixed(4), '0.6000');
    assert.equal(chooseOperatingPoint(samples, overkill(0.01)).threshold.toFixed(4), '0.4200');
  });

  it('lets the costs decide about one defect among good parts', () => {
    // To catch the defect at 0.3, three good parts must go.
    const samples = [...good(0.1, 0.4, 0.5, 0.6), ...defect(0.3, 0.9)];
    assert.deepEqual(failed(samples, COSTS), [0.4, 0.5, 0.6, 0.3, 0.9]);
    assert.deepEqual(failed(samples, atCosts(2)), [0.9]);
  });

  it('takes the lower of two thresholds that cost the same', () => {
    const samples = [...good(0.1, 0.4, 0.5), ...defect(0.3, 0.9)];
    assert.deepEqual(failed(samples, atCosts(2)), [0.4, 0.5, 0.3, 0.9]);
  });

  it('does not part equal scores', () => {
    assert.deepEqual(failed([...good(0.1, 0.5, 0.5), ...defect(0.5, 0.9)], COSTS), [0.5, 0.5, 0.5, 0.9]);
  });

  it('may reject everything or pass everything when that is cheapest', () => {
    const upsideDown = [...good(0.9), ...defect(0.1)];
    const reject = chooseOperatingPoint(upsideDown, COSTS);
    assert.ok(upsideDown.every(({ score }) => verdictOf(score, reject) === 'FAIL'));
    const pass = chooseOperatingPoint([...good(0.8, 0.9), ...defect(0.1)], atCosts(1));
    assert.ok(upsideDown.every(({ score }) => verdictOf(score, pass) === 'PASS'));
  });

  it('works at the ends of the scale', () => {
    const point = chooseOperatingPoint([...good(0, 0), ...defect(1, 1)], { ...COSTS, reviewPerThousand: 500 });
    assert.deepEqual(OperatingPoint.parse(point), point);
    assert.equal(verdictOf(0, { ...point, greyZone: [point.threshold, point.threshold] }), 'PASS');
    assert.equal(verdictOf(1, point), 'FAIL');
    const zero = chooseOperatingPoint([...good(0.5), ...defect(0)], COSTS);
    assert.equal(verdictOf(0, zero), 'FAIL');
    const ones = chooseOperatingPoint([...good(1), ...defect(0.5)], atCosts(0.5));
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
    const point = chooseOperatingPoint(samples, { ...COSTS, reviewPerThousand: 20 });
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
    assert.equal(inZone(samples, { ...COSTS, reviewPerThousand: 20 }), 1);
  });

  it('has no grey zone on too few pictures or without a share', () => {
    const samples = [...good(0.1, 0.2), ...defect(0.6, 0.9)];
    assert.equal(inZone(samples, { ...COSTS, reviewPerThousand: 20 }), 0);
    assert.equal(inZone(samples, { ...COSTS, reviewPerThousand: 0 }), 0);
    assert.equal(inZone(samples, { ...COSTS, reviewPerThousand: 1000 }), 4);
  });

  it('refuses one kind alone', () => {
    for (const samples of [good(0.1, 0.2), defect(0.7)]) {
      assert.throws(() => chooseOperatingPoint(samples, COSTS), { name: 'RefusedError', code: 'NO_THRESHOLD' });
    }
  });

  it('weighs the kinds as the line has them, where the defect rate is known', () => {
    // Half of these pictures are defects; on a line with 1 % of them, catching the one at 0.3 costs too much.
    const samples = [...good(0.1, 0.4, 0.5, 0.6), ...defect(0.3, 0.7, 0.8, 0.9)];
    assert.deepEqual(failed(samples, atCosts(10)), [0.4, 0.5, 0.6, 0.3, 0.7, 0.8, 0.9]);
    assert.deepEqual(failed(samples, atCosts(10, 0.01)), [0.7, 0.8, 0.9]);
  });

  it('fills the grey zone by what the line will bring, not by the mix of the pictures', () => {
    const samples = [...good(...range(100, (i) => i / 250)), ...defect(...range(100, (i) => 0.6 + i / 250))];
    const aim = { ...atCosts(10, 0.01), reviewPerThousand: 20 };
    // 1 % of the parts on each side of the threshold: one good picture of a hundred stands for as much, every defect for 0.0001.
    const point = chooseOperatingPoint(samples, aim);
    const grey = samples.filter(({ score }) => verdictOf(score, point) === 'INCONCLUSIVE');
    assert.deepEqual([grey.filter(({ isDefect }) => !isDefect).length, grey.length], [1, 101]);
  });
});

describe('pictures that the guard does not know', () => {
  const unknown = (samples: readonly ScoredSample[]) => samples.map((one) => ({ ...one, isUnfamiliar: true }));
  const goods = good(...range(200, (i) => i / 1000));
  const defects = defect(...range(50, (i) => 0.5 + i / 110));

  it('move no threshold: a defect among good scores is rejected anyway', () => {
    const samples = [...goods, ...defects, ...unknown(defect(0.02))];
    const { threshold } = chooseOperatingPoint(samples, atCosts(1000));
    assert.equal(threshold, chooseOperatingPoint([...goods, ...defects], atCosts(1000)).threshold);
  });

  it('are part of the overkill: OVERKILL_UNREACHABLE where the guard alone rejects more than is wished', () => {
    const samples = [...unknown(goods.slice(0, 3)), ...goods.slice(3), ...defects];
    assert.throws(() => chooseOperatingPoint(samples, overkill(0.01)), {
      code: 'OVERKILL_UNREACHABLE',
      message: /: 3 of 200 good validation pictures .* unfamiliar to the guard.*guard\.falseAlarm/,
    });
    const point = chooseOperatingPoint(samples, overkill(0.02));
    assert.equal(samples.filter((one) => !one.isDefect && verdictOfScored(one, point) !== 'PASS').length, 3);
  });

  it('count as defects that a claim catches, and take no place in the grey zone', () => {
    const samples = [...goods, ...defects, ...unknown(defect(0.02))];
    const aim = { ...STRICT, reviewPerThousand: 8 };
    const point = chooseOperatingPoint(samples, aim);
    const zone = samples.filter(({ score }) => score >= point.greyZone[0] && score < point.greyZone[1]);
    assert.deepEqual([zone.length, zone.some(({ isUnfamiliar }) => isUnfamiliar)], [2, false]);
    assert.throws(() => chooseOperatingPoint([...goods, ...defects.slice(0, 28)], aim), { code: 'CLAIM_SAMPLE' });
    chooseOperatingPoint([...goods, ...defects.slice(0, 28), ...unknown(defect(0.02))], aim);
  });

  it('leave a threshold even where there are no others', () => {
    const point = chooseOperatingPoint(unknown([...good(0.1), ...defect(0.9)]), COSTS);
    assert.deepEqual(OperatingPoint.parse(point), point);
  });
});

describe('a claim', () => {
  // 30 defects: none may be missed for 10 %. 46 defects: one may (upper limit 9.9 %).
  const defects = range(46, (i) => (i + 4) / 50);

  it('takes the least overkill among the thresholds that keep it', () => {
    const samples = [...good(0.01, 0.02, 0.085, 0.5), ...defect(...defects)];
    const { threshold } = chooseOperatingPoint(samples, STRICT);
    assert.equal(samples.filter(({ score, isDefect }) => isDefect && score < threshold).length, 1);
    assert.equal(samples.filter(({ score, isDefect }) => !isDefect && score >= threshold).length, 1);
  });

  it('misses nothing that it can catch for the same overkill', () => {
    const samples = [...good(0.01, 0.02), ...defect(...defects)];
    const { threshold } = chooseOperatingPoint(samples, STRICT);
    assert.ok(samples.every(({ score, isDefect }) => isDefect === score >= threshold));
  });

  it('keeps what passes as claimed: the grey zone begins at the threshold', () => {
    const samples = [...good(...range(54, (i) => i / 1000)), ...defect(...defects)];
    const { threshold, greyZone } = chooseOperatingPoint(samples, { ...STRICT, reviewPerThousand: 30 });
    assert.equal(greyZone[0], threshold);
    assert.equal(inZone(samples, { ...STRICT, reviewPerThousand: 30 }), 3);
  });

  it('is refused on too few defects: CLAIM_SAMPLE', () => {
    const samples = [...good(0.1), ...defect(...defects.slice(0, 28))];
    assert.throws(() => chooseOperatingPoint(samples, STRICT), { name: 'RefusedError', code: 'CLAIM_SAMPLE' });
  });
});

describe('a fixed overkill', () => {
  const samples = [...good(...range(100, (i) => i / 100)), ...defect(0.955, 0.975, 0.995)];

  it('catches as many defects as it allows', () => {
    assert.equal(chooseOperatingPoint(samples, overkill(0.05)).threshold.toFixed(4), '0.9525');
    // Two of a hundred: the good ones at 0.98 and 0.99; the next defect down lies above 0.97.
    assert.equal(chooseOperatingPoint(samples, overkill(0.02)).threshold.toFixed(4), '0.9725');
  });

  it('rejects no more good parts than that needs', () => {
    assert.equal(chooseOperatingPoint(samples, overkill(0.2)).threshold.toFixed(4), '0.9525');
  });

  it('of nothing stands above every good part', () => {
    assert.equal(chooseOperatingPoint(samples, overkill(0)).threshold.toFixed(4), '0.9925');
    const none = chooseOperatingPoint([...good(0.5), ...defect(0.4)], overkill(0));
    assert.deepEqual([verdictOf(0.5, none), none.threshold], ['PASS', 0.75]);
  });

  it('is refused where good parts have the highest score there is: OVERKILL_UNREACHABLE', () => {
    assert.throws(() => chooseOperatingPoint([...good(1, 0.2), ...defect(1)], overkill(0.1)), {
      name: 'RefusedError',
      code: 'OVERKILL_UNREACHABLE',
    });
  });
});
