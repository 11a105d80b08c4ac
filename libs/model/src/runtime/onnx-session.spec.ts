import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hideGpus } from '../../../../test/factories/software-gpu.js';
import { ELEMENT, OnnxGraph, type Port } from '../onnx/proto.js';
import { OnnxSession } from './onnx-session.js';
import { missingLibraries } from './provider-files.js';

const PICTURES: Port = { name: 'pictures', element: ELEMENT.uint8, shape: ['n', 4, 4, 3] };

/** A graph that only casts its input, so that every value is known. */
function castGraph(input: Port, output: Partial<Port> = {}): Uint8Array {
  const graph = new OnnxGraph();
  graph.node('Cast', { inputs: [input.name], output: 'float', attributes: { to: ELEMENT.float32 } });
  graph.node('Neg', { inputs: ['float'], output: 'negative' });
  const port = { element: ELEMENT.float32, shape: input.shape, ...output };
  return graph.write({
    name: 'cast',
    input,
    outputs: [
      { ...port, name: 'float' },
      { ...port, name: 'negative' },
    ],
    metadata: {},
  });
}

const batch = { data: Uint8Array.from({ length: 96 }, (_, i) => i), count: 2, height: 4, width: 4 };

describe('OnnxSession', () => {
  it('computes every output of a batch with its shape', async () => {
    const session = await OnnxSession.open(castGraph(PICTURES));
    assert.deepEqual(session.outputs, ['float', 'negative']);
    const { float, negative } = await session.run(batch);
    assert.deepEqual(float?.dims, [2, 4, 4, 3]);
    assert.equal(float?.data[95], 95);
    assert.equal(negative?.data[95], -95);
    await session.close();
  });

  it('computes only the outputs asked for', async () => {
    const session = await OnnxSession.open(castGraph(PICTURES), { outputs: ['negative'], threads: 1 });
    assert.deepEqual(Object.keys(await session.run(batch)), ['negative']);
    await session.close();
  });

  it('refuses an output that the graph does not have', async () => {
    await assert.rejects(OnnxSession.open(castGraph(PICTURES), { outputs: ['embedding'] }), {
      name: 'InputError',
      code: 'MODEL_OUTPUT',
      message: /has no output embedding: it has float, negative/,
    });
  });

  it('refuses bytes that are no graph and files that are not there', async () => {
    const unreadable = { name: 'InputError', code: 'MODEL_UNREADABLE' };
    await assert.rejects(OnnxSession.open(Buffer.from('not a graph')), unreadable);
    await assert.rejects(OnnxSession.open(new Uint8Array(0)), unreadable);
    await assert.rejects(OnnxSession.open('/nowhere/model.onnx'), unreadable);
    await assert.rejects(OnnxSession.open(castGraph(PICTURES).subarray(0, 60)), unreadable);
  });

  for (const [name, port] of [
    ['floats', { ...PICTURES, element: ELEMENT.float32 }],
    ['channels first', { ...PICTURES, shape: ['n', 3, 4, 4] }],
    ['vectors', { ...PICTURES, shape: ['n', 3] }],
  ] as const) {
    it(`refuses a graph that takes ${name} instead of pictures`, async () => {
      await assert.rejects(OnnxSession.open(castGraph(port)), {
        name: 'InputError',
        code: 'MODEL_SHAPE',
        message: /expected one input uint8\[n, height, width, 3\], got pictures/,
      });
    });
  }

  it('treats a batch of the wrong length or size as our own bug', async () => {
    const session = await OnnxSession.open(castGraph(PICTURES));
    const invariant = { name: 'InvariantError', code: 'INVARIANT' };
    await assert.rejects(session.run({ ...batch, count: 3 }), {
      ...invariant,
      message: /must hold 144 bytes, it holds 96/,
    });
    await assert.rejects(session.run({ data: new Uint8Array(0), count: 0, height: 4, width: 4 }), invariant);
    await assert.rejects(session.run({ ...batch, count: 1, height: 8, width: 4 }), {
      ...invariant,
      message: /Inference failed/,
    });
    await session.close();
  });

  it('names a provider that is not installed and what installs it: RUNTIME_MISSING', async () => {
    for (const provider of ['cuda', 'tensorrt'] as const) {
      // Where the libraries are, their device may still be missing, or all is there and it opens.
      if (missingLibraries(provider).length === 0) continue;
      await assert.rejects(OnnxSession.open(castGraph(PICTURES), { provider }), {
        name: 'DependencyError',
        code: 'RUNTIME_MISSING',
        message: new RegExp(`Runtime onnx-${provider} cannot be used here: .* missing\\. It needs npm run setup:cuda`),
      });
    }
  });

  it('blames the graph and not the device for a graph that no device can read', async () => {
    hideGpus();
    await assert.rejects(OnnxSession.open(Buffer.from('not a graph'), { provider: 'webgpu' }), {
      code: 'MODEL_UNREADABLE',
    });
    await assert.rejects(OnnxSession.open(castGraph(PICTURES), { provider: 'webgpu' }), {
      code: 'RUNTIME_MISSING',
      message: /onnx-webgpu cannot be used here: Failed to get a WebGPU adapter.*Vulkan/,
    });
  });
});
