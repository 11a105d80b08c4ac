import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CrewWish, devicesOf } from './crew-size.js';

describe('the workers of a model', () => {
  const cases: [string, Omit<CrewWish, 'cores'>, number[]][] = [
    ['are one per core on the CPU', { runtime: 'onnx-cpu', workers: null, gpus: 0 }, [0, 0, 0]],
    ['are one per GPU on GPUs', { runtime: 'onnx-cuda', workers: null, gpus: 2 }, [0, 1]],
    [
      'spread over the GPUs when there are more of them',
      { runtime: 'onnx-tensorrt', workers: 5, gpus: 2 },
      [0, 1, 0, 1, 0],
    ],
    ['are one where a runtime shares one GPU', { runtime: 'onnx-webgpu', workers: null, gpus: 1 }, [0]],
    ['are one where the named GPU is missing, to say so', { runtime: 'onnx-cuda', workers: null, gpus: 0 }, [0]],
    ['are as many as configured on the CPU', { runtime: 'onnx-cpu', workers: 1, gpus: 0 }, [0]],
  ];
  for (const [name, wish, devices] of cases) {
    it(name, () => assert.deepEqual(devicesOf({ ...wish, cores: 3 }), devices));
  }
});
