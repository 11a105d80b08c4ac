import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planPlaces } from './plan-places.js';

describe('the rows of a bench', () => {
  it('are every runtime with every batch, all precisions of one place together and fp32 first', () => {
    const places = planPlaces({
      runtimes: ['onnx-cpu', 'onnx-cuda'],
      precisions: ['int8', 'fp32', 'fp16'],
      batches: [1, 8],
    });
    const precisions = ['fp32', 'fp16', 'int8'];
    assert.deepEqual(places, [
      { runtime: 'onnx-cpu', batch: 1, precisions },
      { runtime: 'onnx-cpu', batch: 8, precisions },
      { runtime: 'onnx-cuda', batch: 1, precisions },
      { runtime: 'onnx-cuda', batch: 8, precisions },
    ]);
  });

  it('have TensorFlow in fp32 alone', () => {
    const places = planPlaces({ runtimes: ['tensorflow'], precisions: ['fp32', 'fp16', 'int8'], batches: [1] });
    assert.deepEqual(places, [{ runtime: 'tensorflow', batch: 1, precisions: ['fp32'] }]);
  });

  it('leave out a runtime that computes in nothing of what is asked', () => {
    const places = planPlaces({ runtimes: ['tensorflow', 'onnx-cpu'], precisions: ['int8'], batches: [1] });
    assert.deepEqual(places, [{ runtime: 'onnx-cpu', batch: 1, precisions: ['int8'] }]);
  });

  it('come once, however often they are asked for', () => {
    const places = planPlaces({ runtimes: ['onnx-cpu', 'onnx-cpu'], precisions: ['fp32', 'fp32'], batches: [8, 8] });
    assert.deepEqual(places, [{ runtime: 'onnx-cpu', batch: 8, precisions: ['fp32'] }]);
  });
});
