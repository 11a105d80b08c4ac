import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Float16Array } from '@petamoriken/float16';
import { fromHalf, toHalf } from './half.js';

describe('halves', () => {
  it('are what the standard rounds to, for every half, what lies between two, and beside it', () => {
    const finite = new Float16Array(Uint16Array.from({ length: 0x7c00 }, (_, i) => i).buffer);
    const bits = new Uint32Array(1);
    const single = new Float32Array(bits.buffer);
    const beside = (value: number, by: number) => {
      single[0] = value;
      bits[0] = (bits[0] ?? 0) + by;
      return single[0] ?? 0;
    };
    const values = Float32Array.from(
      [...finite].flatMap((value, i) => {
        const middle = (value + (finite[i + 1] ?? 65_536)) / 2;
        return [value, middle, beside(middle, -1), beside(middle, 1), -value, -middle];
      }),
    );
    const odd = Float32Array.of(65_504, 65_519, 65_520, 1e9, Number.POSITIVE_INFINITY, -1e9, 0, -0, 1e-9);
    for (const some of [values, odd]) assert.deepEqual(toHalf(some), new Uint16Array(new Float16Array(some).buffer));
  });

  it('come back as the numbers they stand for, and no number stays none', () => {
    const back = new Float32Array(5);
    fromHalf(toHalf(Float32Array.of(0.1, -2.5, Number.NaN)), back, 1);
    assert.deepEqual([...back], [0, 0.0999755859375, -2.5, Number.NaN, 0]);
  });
});
