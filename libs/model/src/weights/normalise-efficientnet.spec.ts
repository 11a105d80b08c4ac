import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normaliseOf, rescalingsByStatistics } from './normalise-efficientnet.js';

const raw = (mean: number[], variance: number[]) =>
  new Map(
    Object.entries({ 'normalization/mean': mean, 'normalization/variance': variance }).map(([name, values]) => [
      name,
      { shape: [3], data: Float32Array.from(values) },
    ]),
  );
const IMAGENET = raw([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);

describe('the colours of an EfficientNet of Keras', () => {
  it("are ImageNet's with its statistics and both scalings", () => {
    assert.equal(rescalingsByStatistics(IMAGENET), 2);
    const { mean, std } = normaliseOf(IMAGENET, 2);
    for (const [i, value] of [0.485, 0.456, 0.406].entries()) assert.ok(Math.abs((mean[i] ?? 0) - 255 * value) < 1e-4);
    for (const [i, value] of [0.229, 0.224, 0.225].entries()) assert.ok(Math.abs((std[i] ?? 0) - 255 * value) < 1e-4);
  });

  it('are only brought to 0..1 where nothing was learnt about them', () => {
    const untouched = raw([0, 0, 0], [1, 1, 1]);
    assert.equal(rescalingsByStatistics(untouched), 1);
    assert.deepEqual(normaliseOf(untouched, 1), { mean: [0, 0, 0], std: [255, 255, 255] });
  });

  it('are not guessed from statistics of other pictures', () => {
    assert.equal(rescalingsByStatistics(raw([0.3, 0.3, 0.3], [0.04, 0.04, 0.04])), null);
  });
});
