import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatAge, formatShare } from './words.js';

describe('figures in words', () => {
  it('never round a share up to all or down to none', () => {
    const cases: [number | null, string][] = [
      [null, '–'],
      [0, '0 %'],
      [1, '100 %'],
      [0.9999, '99.9 %'],
      [0.00001, '< 0.01 %'],
      [0.0476, '4.76 %'],
      [0.952, '95.2 %'],
    ];
    for (const [share, words] of cases) assert.equal(formatShare(share), words);
  });

  it('give ages in the unit one thinks in', () => {
    const cases: [number | null, string][] = [
      [null, '–'],
      [400, '0.4 s'],
      [9_960, '10 s'],
      [119_000, '119 s'],
      [180_000, '3 min'],
      [7_300_000, '2 h'],
    ];
    for (const [ms, words] of cases) assert.equal(formatAge(ms), words);
  });
});
