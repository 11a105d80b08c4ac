import assert from 'node:assert/strict';
import { it } from 'node:test';
import { addPenalty } from './penalty.js';

it('a penalty pulls the kernels of the head towards zero and nothing else', () => {
  const common = { shape: [2], length: 2, decays: true, isOpen: true } as const;
  const parameters = [
    { ...common, name: 'top_conv/kernel', offset: 0, group: 'base' },
    { ...common, name: 'probabilities/kernel', offset: 2, group: 'head' },
    { ...common, name: 'probabilities/bias', offset: 4, group: 'head', decays: false },
  ] as const;
  const gradient = new Float32Array(6);
  const weights = Float32Array.of(1, -1, 2, -3, 1, -1);
  addPenalty(gradient, { weights, parameters, penalty: { l1: 0.5, l2: 0.25 }, from: 0, to: 6 });
  assert.deepEqual([...gradient], [0, 0, 0.5 + 1, -0.5 - 1.5, 0, 0]);
});
