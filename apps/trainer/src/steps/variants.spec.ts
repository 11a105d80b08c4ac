import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Variant, viewOf } from './variants.js';

// 3 x 2 picture; each pixel is (n, n, n).
const pixels = (...values: number[]) => Uint8Array.from(values.flatMap((value) => [value, value, value]));
const picture = { data: pixels(1, 2, 3, 4, 5, 6), width: 3, height: 2 };

describe('viewOf', () => {
  const cases: [Variant, Uint8Array][] = [
    ['plain', pixels(1, 2, 3, 4, 5, 6)],
    ['mirror', pixels(3, 2, 1, 6, 5, 4)],
    ['flip', pixels(4, 5, 6, 1, 2, 3)],
    ['turn', pixels(6, 5, 4, 3, 2, 1)],
  ];
  for (const [variant, expected] of cases) {
    it(`moves whole pixels: ${variant}`, () => assert.deepEqual(viewOf(picture, variant), expected));
  }
});
