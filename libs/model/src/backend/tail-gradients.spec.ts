import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import { TAILS, tailGradientOn } from '../../../../test/factories/tail-gradients.js';
import { chooseBackend } from './choose.js';

describe('the open part of', () => {
  before(() => chooseBackend('wasm'));

  for (const item of TAILS) {
    const { name, variant, from } = item;
    it(`${name} (${variant}) has the cpu backend’s gradients in every open weight and none in a frozen one`, async () => {
      const expected = await tailGradientOn('cpu', item);
      const { parameters, loss, gradient } = await tailGradientOn('wasm', item);

      assert.ok(Math.abs(loss - expected.loss) < 1e-4 * Math.abs(expected.loss), `${loss} ${expected.loss}`);
      assert.equal(parameters.find(({ isOpen }) => isOpen)?.name.split('/')[0], from);
      for (const { name: weight, offset, length, isOpen } of parameters) {
        const values = gradient.subarray(offset, offset + length);
        assert.equal(values.some(Boolean), isOpen, `${weight} learns`);
        const wanted = expected.gradient.subarray(offset, offset + length);
        const scale = wanted.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
        for (const [i, value] of values.entries()) {
          if (Math.abs(value - (wanted[i] ?? Number.NaN)) <= 1e-3 * scale) continue;
          assert.fail(`${weight}[${i}] ${value}, expected ${wanted[i]} of at most ${scale}`);
        }
      }
    });
  }
});
