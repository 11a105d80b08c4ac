import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import { getKernel, grad, relu, relu6, setBackend, type Tensor, tensor1d } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { CLIPPED } from './activations.js';
import { chooseBackend } from './choose.js';

const X = [-2, 0, 1.5, 5.9, 6.5, Number.NaN];
const DY = [10, 20, 30, 40, 50, 60];

describe('activations', () => {
  before(async () => {
    await chooseBackend('wasm');
  });

  for (const backend of ['wasm', 'cpu']) {
    it(`let the gradient through where they are not flat, on ${backend}`, async () => {
      await setBackend(backend);
      // The CPU backend has no such kernels: there the gradients are put together.
      for (const { gradient } of CLIPPED) assert.equal(getKernel(gradient, backend) !== undefined, backend === 'wasm');
      assert.deepEqual(gradientOf(relu), [0, 0, 30, 40, 50, 0]);
      assert.deepEqual(gradientOf(relu6), [0, 0, 30, 40, 0, 0]);
    });
  }

  it('keep their name in a layer, so that what is saved loads anywhere', () => {
    const layer = layers.activation({ name: 'a', activation: 'relu6' });
    const output = layer.apply(tensor1d([-1, 3, 7])) as Tensor;
    assert.deepEqual([...output.dataSync()], [0, 3, 6]);
    assert.equal(layer.getConfig()['activation'], 'relu6');
  });
});

function gradientOf(activation: (x: Tensor) => Tensor): number[] {
  const dx = grad((x) => activation(x))(tensor1d(X), tensor1d(DY));
  return [...dx.dataSync()];
}
