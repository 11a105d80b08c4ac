import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { outcomeWords } from './outcome-words.js';

describe('what becomes of parts in words', () => {
  it('is a fact on the line', () => {
    const words = outcomeWords({ shadow: false }, 'frames');
    assert.equal(words.counted.FAIL, 'rejected: defect');
    assert.equal(words.besideVerdict, null);
  });

  it('is not told by one view of several, whose part may be rejected for another', () => {
    assert.equal(outcomeWords({ shadow: false }, 'parts').besideVerdict?.PASS, 'this view');
    assert.equal(outcomeWords({ shadow: true }, 'parts').besideVerdict?.PASS, 'would pass this view');
  });

  it('is never claimed by a shadow, whom no gate hears', () => {
    for (const unit of ['frames', 'parts', 'views'] as const) {
      const words = outcomeWords({ shadow: true }, unit);
      const { counted, besideVerdict, ...rest } = words;
      const texts = [counted, besideVerdict ?? {}, rest].flatMap((each) => Object.values<string>(each));
      const claims = texts.filter((text) => /pass|reject|yield/i.test(text) && !/^would/i.test(text));
      assert.deepEqual(claims, []);
      assert.equal(words.besideVerdict?.INCONCLUSIVE, 'would reject');
    }
  });
});
