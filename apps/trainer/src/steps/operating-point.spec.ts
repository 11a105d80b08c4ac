import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Guard } from '#model/card';
import type { Aim } from '#model/wish';
import type { Scored } from '../judge/score.js';
import { TrainLog } from '../train-log.js';
import { setOperatingPoint } from './operating-point.js';

const COSTS: Aim = {
  wish: { kind: 'costs', escapeCost: 10, overkillCost: 1 },
  defectRate: null,
  reviewPerThousand: 0,
};
const GUARD: Guard = {
  output: 'distance',
  limit: 2,
  falseAlarm: 0.005,
  heldOut: { pictures: 200, groups: 200, beyond: 0 },
};

/** Good pictures and defects with these scores, each a part of its own. */
function side(goods: readonly number[], defects: readonly number[], isUnfamiliar = false): Scored[] {
  const scored = [
    ...goods.map((score) => ({ score, isDefect: false, label: 'good' })),
    ...defects.map((score) => ({ score, isDefect: true, label: 'defect' })),
  ];
  return scored.map(({ label, ...one }, i) => {
    const path = `${i}.png`;
    const sample = { path, file: path, label, split: 'val' as const, group: null, lot: null, part: null };
    return { ...one, isUnfamiliar, sample };
  });
}

/** This many scores, evenly from `low` to `high`. */
function spread(n: number, [low, high]: readonly [number, number]): number[] {
  return Array.from({ length: n }, (_, i) => low + ((high - low) * i) / (n - 1));
}

function said(sides: { validation: Scored[]; test: Scored[] }, aim: Aim = COSTS): { step: string; text: string }[] {
  const lines: { step: string; text: string }[] = [];
  const log = new TrainLog([({ ...event }) => event.event === 'step' && lines.push(event)]);
  setOperatingPoint({ ...sides, aim, guard: GUARD }, log);
  return lines;
}

function doubts(...of: Parameters<typeof said>): string[] {
  return said(...of).flatMap(({ step, text }) => (step === 'doubt' ? [text] : []));
}

const APART = side(spread(30, [0, 0.3]), spread(10, [0.7, 1]));

describe('what is said of an operating point', () => {
  it('doubts nothing where the kinds are apart on both sides', () => {
    assert.deepEqual(doubts({ validation: APART, test: APART }), []);
  });

  it('says that the guard, not the score, rejects a whole test side, and once', () => {
    const test = side(spread(30, [0, 0.3]), spread(10, [0.7, 1]), true);
    const lines = said({ validation: APART, test });
    const evaluated = lines.find(({ step }) => step === 'evaluate')?.text ?? '';
    assert.match(evaluated, /missed 0 of 10, overkill 0 of 30; test .* overkill 30 of 30, 40 of 40 unfamiliar$/);
    const [doubt = '', ...more] = lines.flatMap(({ step, text }) => (step === 'doubt' ? [text] : []));
    assert.match(doubt, /^40 of 40 test pictures are unfamiliar to the guard/);
    assert.deepEqual(more, []);
  });

  it('says that no threshold helps where scores of both kinds are alike', () => {
    const alike = side(spread(47, [0.01, 0.9]), spread(19, [0.015, 0.95]));
    const [doubt = '', ...more] = doubts({ validation: alike, test: alike });
    assert.match(
      doubt,
      /^the threshold rejects 46 of 47 good validation pictures: the scores do not clearly tell them from defects \(AUROC 0\.5\d+, 95 % limits 0\.3\d+ to 0\.6\d+\), and no threshold mends that\. /,
    );
    assert.deepEqual(more, []);
  });

  it('says that validation is too small for a threshold where test shows that the scores tell the kinds apart', () => {
    const few = side([0.2, 0.4, 0.6, 0.7], [0.1, 0.65, 0.8, 0.9]);
    const [doubt = '', ...more] = doubts({ validation: few, test: APART });
    assert.match(
      doubt,
      /^the threshold rejects 4 of 4 good validation pictures: validation has too few pictures to place one \(AUROC 0\.6\d+, .* though the scores tell test's good pictures from defects \(AUROC 1\.0000, .*rejectAtMost=/,
    );
    assert.deepEqual(more, []);
    assert.match(doubts({ validation: few, test: [] }).join(), /no threshold mends that/);
  });

  it('says that the wish does it where scores only overlap', () => {
    const overlapping = side(spread(40, [0, 0.8]), [0.3, ...spread(19, [0.5, 1])]);
    const [doubt = ''] = doubts({ validation: overlapping, test: [] });
    assert.match(
      doubt,
      /^the threshold rejects 2\d of 40 good .*: an escape costs 10, an overkill 1\) where scores overlap/,
    );
    const even: Aim = { ...COSTS, wish: { kind: 'costs', escapeCost: 1, overkillCost: 1 } };
    assert.match(
      doubts({ validation: overlapping, test: [] }, even).join(),
      /^the threshold passes 12 of 20 validation/,
    );
  });

  it('says that half of the defects pass, and by which wish', () => {
    const overlapping = side(spread(40, [0, 0.8]), [0.3, ...spread(19, [0.5, 1])]);
    const none: Aim = { ...COSTS, wish: { kind: 'overkill', rejectAtMost: 0 } };
    const [doubt = '', ...more] = doubts({ validation: overlapping, test: [] }, none);
    assert.match(
      doubt,
      /^the threshold passes 1\d of 20 validation defects: .*\(reject at most 0 % of the good parts\)/,
    );
    assert.deepEqual(more, []);
    const elsewhere = side(spread(30, [0, 0.1]), spread(10, [0.1, 0.3]));
    assert.match(
      doubts({ validation: APART, test: elsewhere }).join(),
      /passes 0 of \d+ validation defects, but .* of test/,
    );
  });

  it('says that a threshold does not hold on test where it rejects half there and clearly fewer on validation', () => {
    const elsewhere = side(spread(30, [0.3, 0.8]), spread(10, [0.85, 1]));
    assert.match(
      doubts({ validation: APART, test: elsewhere }).join(),
      /good validation pictures, but 1?\d+ of 30 of test: /,
    );
    const few = side([0.1, 0.6], [0.9]);
    assert.deepEqual(doubts({ validation: APART, test: few }), []);
  });
});
