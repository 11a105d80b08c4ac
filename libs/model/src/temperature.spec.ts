import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OUTPUT_LAYER } from './head.js';
import { fitTemperature, foldTemperature, type HeldOut } from './temperature.js';

const softmax = (z: readonly number[], beta = 1): number[] => {
  const powers = z.map((value) => Math.exp(value * beta));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
};

/** Three labels; the true one is drawn as often as softmax(z / T) says, exactly: one picture per hundredth. */
function pictures(temperature: number): HeldOut[] {
  const logits = [
    [0, 1, -1],
    [2, 0, 0.5],
    [-0.5, 0.3, 1.5],
  ];
  return logits.flatMap((z) => {
    const told = softmax(z);
    return softmax(z, 1 / temperature).flatMap((share, label) =>
      Array.from({ length: Math.round(share * 1_000) }, () => ({ probabilities: told, label })),
    );
  });
}

describe('fitTemperature', () => {
  for (const temperature of [0.5, 1, 2.5]) {
    it(`finds ${temperature} where the truth was drawn with it`, () => {
      const found = fitTemperature(pictures(temperature));
      assert.ok(Math.abs(found.temperature / temperature - 1) < 0.01, String(found.temperature));
      assert.equal(found.reason, null);
      assert.ok((found.lossAfter ?? 1) <= (found.lossBefore ?? 0));
    });
  }

  it('says why it leaves scores alone: no doubt, no knowledge, too few, none', () => {
    const apart = Array.from({ length: 200 }, (_, i) => ({
      probabilities: i % 2 ? [0.1, 0.9] : [0.9, 0.1],
      label: i % 2,
    }));
    const wrong = apart.map((one) => ({ ...one, label: 1 - one.label }));
    for (const [held, reason] of [
      [apart, /without a doubt/],
      [wrong, /or not at all/],
      [pictures(1).filter((_, i) => i % 250 === 0), /^\d+ held-out pictures tell the temperature to \d+ % only$/],
      [[], /^no held-out pictures$/],
    ] as const) {
      const found = fitTemperature(held);
      assert.equal(found.temperature, 1);
      assert.match(found.reason ?? '', reason);
    }
  });

  it('bears a probability that was rounded to zero', () => {
    const hard = [...pictures(2), { probabilities: [1, 0, 0], label: 0 }];
    assert.ok(Number.isFinite(fitTemperature(hard).lossAfter));
  });
});

describe('foldTemperature', () => {
  it('divides the output layer alone', () => {
    const tensor = (value: number) => ({ shape: [1], data: Float32Array.of(value) });
    const weights = new Map([
      ['hidden1/kernel', tensor(4)],
      [`${OUTPUT_LAYER}/kernel`, tensor(6)],
      [`${OUTPUT_LAYER}/bias`, tensor(-3)],
    ]);
    const folded = foldTemperature(weights, 2);
    assert.deepEqual(
      [...folded.values()].map(({ data }) => data[0]),
      [4, 3, -1.5],
    );
    assert.equal(weights.get(`${OUTPUT_LAYER}/kernel`)?.data[0], 6);
  });
});
