import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VIEWS } from '../../../../test/factories/live.js';
import { outcomeWords } from './outcome-words.js';

const parts = { views: [...VIEWS] };

describe('what becomes of parts in words', () => {
  it('is a fact on the line', () => {
    const words = outcomeWords({ shadow: false, parts: null }, 'frames');
    assert.equal(words.counted.FAIL, 'rejected: defect');
    assert.equal(words.beside('cam1'), null);
  });

  it('is not told by one view of several, whose part may be rejected for another', () => {
    assert.equal(outcomeWords({ shadow: false, parts }, 'parts').beside('cam1')?.PASS, 'this view');
    assert.equal(outcomeWords({ shadow: true, parts }, 'parts').beside('cam1')?.PASS, 'would pass this view');
  });

  it('is not told by a camera that takes none of the views', () => {
    for (const shadow of [false, true]) {
      const words = outcomeWords({ shadow, parts }, 'parts').beside('cam3');
      assert.deepEqual(words, { PASS: 'of no part', FAIL: 'of no part', INCONCLUSIVE: 'of no part' });
    }
  });

  it('is never claimed by a shadow, whom no gate hears', () => {
    for (const unit of ['frames', 'parts', 'views', 'strays'] as const) {
      const words = outcomeWords({ shadow: true, parts: unit === 'frames' ? null : parts }, unit);
      const { counted, beside, ...rest } = words;
      const texts = [counted, beside('cam1') ?? {}, rest].flatMap((each) => Object.values<string>(each));
      const claims = texts.filter((text) => /pass|reject|yield/i.test(text) && !/^would/i.test(text));
      assert.deepEqual(claims, []);
      assert.equal(beside('cam1')?.INCONCLUSIVE, 'would reject');
    }
  });
});
