import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NARROW_METADATA } from '../onnx/narrow-weights.js';
import { ELEMENT, OnnxGraph } from '../onnx/proto.js';
import { addsProductsExactly } from './exact-products.js';
import { missingLibraries, type Provider, providerDir } from './provider-files.js';
import { missingForProvider, sessionOptionsOf } from './providers.js';

const optionsOf = (provider: Provider, engineDir: string | null = null) =>
  sessionOptionsOf(new Uint8Array(), { provider, threads: 3, device: 1, engineDir });

describe('what ONNX Runtime is told', () => {
  it('puts a model on the device asked for, and what that cannot do on the CPU', async () => {
    assert.deepEqual((await optionsOf('cpu')).executionProviders, ['cpu']);
    assert.deepEqual((await optionsOf('webgpu')).executionProviders, ['webgpu', 'cpu']);
    assert.deepEqual((await optionsOf('cuda')).executionProviders, [{ name: 'cuda', deviceId: 1 }, 'cpu']);
    assert.deepEqual((await optionsOf('tensorrt')).executionProviders, [
      { name: 'tensorrt', deviceId: 1 },
      { name: 'cuda', deviceId: 1 },
      'cpu',
    ]);
    assert.equal((await optionsOf('cpu')).intraOpNumThreads, 3);
  });

  it('takes the slow, exact way to int8 only on a CPU and for a graph that need it', async () => {
    const isExact = await addsProductsExactly();
    assert.deepEqual((await optionsOf('cpu')).extra, isExact ? undefined : { session: { x64quantprecision: '1' } });
    const narrow = new OnnxGraph().write({
      ...{ name: 'narrow', outputs: [], metadata: NARROW_METADATA },
      input: { name: 'x', element: ELEMENT.uint8, shape: [1] },
    });
    const options = await sessionOptionsOf(narrow, { provider: 'cpu', threads: 1, device: 0, engineDir: null });
    assert.equal(options.extra, undefined);
  });

  it('keeps the engines of TensorRT in the folder it is given', async () => {
    assert.deepEqual((await optionsOf('tensorrt', '/data/engines/abc')).executionProviders?.[0], {
      name: 'tensorrt',
      deviceId: 1,
      trt_engine_cache_enable: '1',
      trt_engine_cache_path: '/data/engines/abc',
      trt_timing_cache_enable: '1',
      trt_timing_cache_path: '/data/engines/abc',
    });
  });
});

describe('what is missing', () => {
  it('is nothing for the providers that are built in', () => {
    assert.equal(missingForProvider('cpu'), null);
    assert.deepEqual(missingLibraries('webgpu'), []);
  });

  for (const provider of ['cuda', 'tensorrt'] as const) {
    it(`is each library of ${provider} that does not lie beside ONNX Runtime's own`, () => {
      const missing = missingLibraries(provider);
      const expected = missing.length === 0 ? /^null$/ : /onnxruntime_providers_\w+\.(so|dll).* missing$/;
      assert.match(String(missingForProvider(provider)), expected);
      assert.ok(missing.every((file) => file.startsWith(providerDir())));
    });
  }
});
