import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countGpus, findRuntimes, type Machine } from './find-runtimes.js';

const BARE: Machine = {
  nvidiaGpus: 0,
  mayHaveGpu: false,
  hasProvider: () => false,
  hasTensorFlow: () => false,
  hasWebGpu: () => assert.fail('was asked for an adapter'),
};
const FULL = { hasProvider: () => true, hasTensorFlow: () => true };
const hasWebGpu = async () => true;

describe('runtimes that may compute on a machine', () => {
  const machines: [string, Partial<Machine>, string[]][] = [
    ['without a GPU: the CPU, and no adapter is asked for', {}, ['onnx-cpu']],
    ['without a GPU and with everything set up: the CPU', FULL, ['onnx-cpu']],
    ['with a GPU of any vendor: WebGPU', { mayHaveGpu: true, hasWebGpu }, ['onnx-webgpu', 'onnx-cpu']],
    ['with a GPU whose adapter is software: the CPU', { mayHaveGpu: true, hasWebGpu: async () => false }, ['onnx-cpu']],
    [
      'with an NVIDIA GPU and nothing set up: WebGPU',
      { nvidiaGpus: 2, mayHaveGpu: true, hasWebGpu },
      ['onnx-webgpu', 'onnx-cpu'],
    ],
    [
      'with an NVIDIA GPU and everything set up: all of them',
      { nvidiaGpus: 2, mayHaveGpu: true, hasWebGpu, ...FULL },
      ['onnx-tensorrt', 'onnx-cuda', 'tensorflow', 'onnx-webgpu', 'onnx-cpu'],
    ],
    [
      'with CUDA and no TensorRT: CUDA',
      { nvidiaGpus: 1, mayHaveGpu: true, hasWebGpu: async () => false, hasProvider: (name) => name === 'cuda' },
      ['onnx-cuda', 'onnx-cpu'],
    ],
  ];
  for (const [name, machine, expected] of machines) {
    it(name, async () => assert.deepEqual(await findRuntimes({ ...BARE, ...machine }), expected));
  }

  it('always has the CPU here', async () => assert.equal((await findRuntimes()).at(-1), 'onnx-cpu'));
});

describe('GPUs of a runtime', () => {
  it("are NVIDIA's for CUDA and TensorRT, one for those that take what there is, none for the CPU", () => {
    const runtimes = ['onnx-tensorrt', 'onnx-cuda', 'onnx-webgpu', 'tensorflow', 'onnx-cpu'] as const;
    assert.deepEqual(
      runtimes.map((runtime) => countGpus(runtime, { nvidiaGpus: 4 })),
      [4, 4, 1, 1, 0],
    );
  });
});
