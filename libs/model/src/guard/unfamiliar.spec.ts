import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AtThreshold } from '#contracts';
import type { Guard } from '../card.js';
import { countAtPoint } from '../metrics.js';
import { describeUnfamiliar, tellUnfamiliar } from './unfamiliar.js';

const GUARD: Guard = {
  output: 'distance',
  limit: 2,
  falseAlarm: 0.005,
  heldOut: { pictures: 180, groups: 180, beyond: 0 },
};

function judged(pictures: number, unfamiliar: number): AtThreshold {
  const samples = Array.from({ length: pictures }, (_, i) => ({
    ...{ score: 0.1, isDefect: i % 2 === 0, isUnfamiliar: i < unfamiliar },
  }));
  return countAtPoint(samples, { threshold: 0.5, greyZone: [0.5, 0.5] });
}

describe('unfamiliar pictures in words', () => {
  it('says that the guard rejects a whole side, what familiar ones would be, and what to do', () => {
    const sides = { 'validation pictures': judged(45, 0), 'test pictures': judged(75, 75) };
    assert.deepEqual(describeUnfamiliar(sides, GUARD), [
      "75 of 75 test pictures are unfamiliar to the guard, which rejects them whatever their score; of pictures like training's it is at most 1.66 %. Name lots or parts as groups, so that its limit allows for how they differ; add pictures of this kind to training; or train with guard: off",
    ]);
  });

  it('names all sides that are so in one line', () => {
    const sides = { 'validation pictures': judged(40, 20), 'test pictures': judged(60, 30) };
    const [line = '', ...more] = describeUnfamiliar(sides, GUARD);
    assert.match(line, /^20 of 40 validation pictures and 30 of 60 test pictures are unfamiliar/);
    assert.deepEqual(more, []);
  });

  for (const [what, side, guard] of [
    ['as many as the plan allows', judged(100, 8), { ...GUARD, falseAlarm: 0.05 }],
    ['one in a few, which held-out pictures explain', judged(25, 1), GUARD],
    [
      'what a limit set by few pictures lets through',
      judged(50, 4),
      { ...GUARD, heldOut: { ...GUARD.heldOut, pictures: 25 } },
    ],
    ['a model without a guard', judged(10, 0), null],
  ] as const) {
    it(`does not doubt ${what}`, () => {
      assert.deepEqual(describeUnfamiliar({ pictures: side }, guard), []);
    });
  }

  it('counts them where there are some', () => {
    assert.equal(tellUnfamiliar(judged(75, 3)), '3 of 75 unfamiliar');
    assert.equal(tellUnfamiliar(judged(75, 0)), null);
  });
});
