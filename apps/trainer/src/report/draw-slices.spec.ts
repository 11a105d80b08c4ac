import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Slice } from '#contracts';
import { drawSlices } from './draw-slices.js';

/** A group of two defects and two good pictures. */
function makeGroup(name: string, { missed = 0, overkill = 0, defects = 2 } = {}): Slice {
  const rate = (count: number, of: number) => ({ value: of === 0 ? null : count / of, low: 0, high: 1 });
  const rates = { missRate: rate(missed, defects), overkillRate: rate(overkill, 2) };
  return { by: 'group', name, defects, goods: 2, missed, overkill, ...rates, auroc: 1 };
}

const namesIn = (markup: string): string[] =>
  [...markup.matchAll(/<th scope="row">([^<]*)/g)].map(([, name]) => name ?? '');

describe('where a model goes wrong', () => {
  it('lists few groups worst first: by misses, of as many the higher rate, then by overkill', () => {
    const groups = [
      makeGroup('none'),
      makeGroup('rejected', { overkill: 1 }),
      makeGroup('one of ten', { missed: 1, defects: 10 }),
      makeGroup('one of two', { missed: 1 }),
      makeGroup('two', { missed: 2 }),
    ];
    const page = drawSlices(groups)?.text ?? '';
    assert.deepEqual(namesIn(page), ['two', 'one of two', 'one of ten', 'rejected', 'none']);
    assert.doesNotMatch(page, /<details>/);
  });

  it('folds up many, and lists of thousands the worst alone, saying how many have an error', () => {
    const groups = Array.from({ length: 3_000 }, (_, i) => makeGroup(`G${i}`, { missed: i % 1_000 === 999 ? 1 : 0 }));
    const [open = '', folded = ''] = (drawSlices(groups)?.text ?? '').split('<details>');
    assert.match(open, /Of 3000 groups 3 have a miss or overkill\. The JSON file beside this page has all\./);
    assert.deepEqual(namesIn(open).slice(0, 4), ['G999', 'G1999', 'G2999', 'G0']);
    assert.equal(namesIn(open).length, 10);
    assert.match(folded, /the worst 200 of 3000 groups/);
    assert.equal(namesIn(folded).length, 200);
    const [, some = ''] = (drawSlices(groups.slice(0, 40))?.text ?? '').split('<details>');
    assert.match(some, /all 40 groups/);
    assert.equal(namesIn(some).length, 40);
  });
});
