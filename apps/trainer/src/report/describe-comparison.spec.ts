import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { comparePairs, type Pair } from '#model/metrics-paired';
import { describeComparison } from './describe-comparison.js';

const POINT = { threshold: 0.5, greyZone: [0.5, 0.5] as [number, number] };
const good: Pair = { isDefect: false, group: 'good', a: { score: 0.1 }, b: { score: 0.1 } };
const missedBy = (model: 'a' | 'b', group: string): Pair => ({
  isDefect: true,
  group,
  a: { score: model === 'a' ? 0.1 : 0.9 },
  b: { score: model === 'b' ? 0.1 : 0.9 },
});
const missesOf = (pairs: readonly Pair[]) =>
  describeComparison(comparePairs([good, ...pairs], { a: POINT, b: POINT }))[2];

describe('describeComparison', () => {
  it('names the better model by the parts that were tested, not by the pictures of one part', () => {
    const parts = Array.from({ length: 12 }, (_, i) => missedBy('a', `part ${i}`));
    const onePart = Array.from({ length: 20 }, () => missedBy('b', 'odd'));
    assert.equal(
      missesOf([...parts, ...onePart]),
      'Of 32 defects both models miss 0, A alone 12, B alone 20; more by A in 12 groups, by B in 1 group: B is better (exact McNemar by groups, p = 0.003).',
    );
  });

  it('leaves groups out where every picture is one', () => {
    const single = Array.from({ length: 6 }, (_, i) => missedBy('b', `part ${i}`));
    assert.equal(
      missesOf(single),
      'Of 6 defects both models miss 0, A alone 0, B alone 6: A is better (exact McNemar by groups, p = 0.031).',
    );
  });
});
