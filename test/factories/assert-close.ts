import assert from 'node:assert/strict';

/** Values of a layer equal the layers model's within 1e-4 of the largest; values that are all nothing prove nothing. */
export function assertClose(
  layer: string,
  actual: ArrayLike<number> | undefined,
  expected: ArrayLike<number> | undefined,
): void {
  assert.ok(actual && expected && actual.length === expected.length, `${layer} has the layers model's size`);
  let [largest, difference] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i] ?? 0));
    difference = Math.max(difference, Math.abs((actual[i] ?? Number.NaN) - (expected[i] ?? 0)));
  }
  assert.ok(largest > 0 && difference <= 1e-4 * largest, `${layer}: ${difference} of ${largest}`);
}
