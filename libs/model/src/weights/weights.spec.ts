import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineBackbone } from '../backbones/backbone.js';
import { findBackbone } from '../backbones/find.js';
import { Sketch } from '../backbones/sketch.js';
import { foldWeights } from './fold-weights.js';
import { liteNames } from './lite-checkpoint.js';
import { fromPyTorch } from './pytorch-layout.js';
import { readSafetensors, type StoredTensor } from './safetensors.js';
import { hashWeights } from './weight-map.js';

const lite0 = findBackbone('efficientnet-lite0');

function file(header: unknown, data: number[] = []): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + 4 * data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(new Uint8Array(Float32Array.from(data).buffer), 8 + json.length);
  return bytes;
}
const entry = (over: object = {}) => ({ dtype: 'F32', shape: [2], data_offsets: [0, 8], ...over });

describe('readSafetensors', () => {
  it('reads tensors by name and leaves metadata aside', () => {
    const tensors = readSafetensors(file({ __metadata__: { licence: 'x' }, a: entry() }, [1, 2]));
    assert.deepEqual([...tensors], [['a', { shape: [2], data: Float32Array.of(1, 2) }]]);
  });

  it('widens halves without changing a value', () => {
    const halves = new Float32Array(Uint16Array.of(0x3c00, 0xc248, 0x3f80, 0xc049).buffer);
    const tensors = readSafetensors(
      file(
        {
          half: entry({ dtype: 'F16', data_offsets: [0, 4] }),
          brain: entry({ dtype: 'BF16', data_offsets: [4, 8] }),
        },
        [...halves],
      ),
    );
    assert.deepEqual(tensors.get('half')?.data, Float32Array.of(1, -3.140625));
    assert.deepEqual(tensors.get('brain')?.data, Float32Array.of(1, -3.140625));
  });

  it('leaves the counters of PyTorch norms aside', () => {
    const counter = { dtype: 'I64', shape: [], data_offsets: [8, 16] };
    const tensors = readSafetensors(file({ a: entry(), 'bn.num_batches_tracked': counter }, [1, 2, 0, 0]));
    assert.deepEqual([...tensors.keys()], ['a']);
  });

  const lies: Record<string, Uint8Array> = {
    'an empty file': new Uint8Array(0),
    'a header longer than the file': file('').fill(255, 0, 7),
    'a header that is no JSON': file('{"a"'),
    'a tensor that ends behind the file': file({ a: entry({ data_offsets: [0, 80] }) }, [1, 2]),
    'a shape that does not fit its bytes': file({ a: entry({ shape: [3] }) }, [1, 2]),
    'a tensor that begins before the data': file({ a: entry({ data_offsets: [-4, 4] }) }, [1, 2]),
    'a header that is a list': file('[1]'),
    'a tensor without a description': file({ a: null }),
    'a tensor of integers': file({ a: entry({ dtype: 'I32' }) }, [1, 2]),
    'tensors that claim the same bytes': file({ a: entry(), b: entry() }, [1, 2]),
    'a shape beyond all memory': file({ a: entry({ shape: [2 ** 40, 2 ** 40] }) }, [1, 2]),
    'a tensor that ends before it begins': file({ a: entry({ data_offsets: [8, 0] }) }, [1, 2]),
  };
  for (const [name, bytes] of Object.entries(lies)) {
    it(`refuses ${name}`, () => assert.throws(() => readSafetensors(bytes), { code: 'WEIGHTS_UNREADABLE' }));
  }
});

describe('a checkpoint of EfficientNet-Lite', () => {
  it('names a tensor that is missing', () => {
    assert.throws(() => fromPyTorch(new Map(), liteNames(lite0), lite0.layers), {
      code: 'WEIGHTS_MISSING',
      message: /_conv_stem\.weight/,
    });
  });
});

describe('foldWeights', () => {
  const of = (...values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) });
  const sketch = new Sketch();
  sketch.input();
  sketch.conv('conv', { filters: 1, kernel: 1 });
  sketch.norm('bn', 1);
  const { layers } = sketch;
  const backbone = defineBackbone({ ...lite0, name: 'tiny', layers });
  const raw = (over: Record<string, StoredTensor> = {}) =>
    new Map<string, StoredTensor>(
      Object.entries({
        'conv/kernel': { shape: [1, 1, 3, 1], data: Float32Array.of(5, 6, 7) },
        'bn/gamma': of(4),
        'bn/beta': of(1),
        'bn/moving_mean': of(3),
        'bn/moving_variance': of(3),
        ...over,
      }),
    );

  it('writes the batch norm into kernel and bias: scale 2, shift beta - mean * scale', () => {
    const folded = foldWeights(backbone, raw());
    assert.deepEqual(folded.get('conv/kernel'), { shape: [1, 1, 3, 1], data: Float32Array.of(10, 12, 14) });
    assert.deepEqual(folded.get('conv/bias')?.data, Float32Array.of(-5));
  });

  it('turns the first kernel of a network trained on BGR', () => {
    const folded = foldWeights({ ...backbone, channels: 'bgr' }, raw());
    assert.deepEqual(folded.get('conv/kernel')?.data, Float32Array.of(14, 12, 10));
  });

  it('refuses by name what does not fit', () => {
    const missing = raw();
    missing.delete('bn/beta');
    const cases: [string, Map<string, StoredTensor>, RegExp][] = [
      ['WEIGHTS_MISSING', missing, /bn\/beta.*tiny/],
      ['WEIGHTS_SHAPE', raw({ 'bn/beta': of(1, 2) }), /bn\/beta have shape \[2\], .*needs \[1\]/],
      ['WEIGHTS_UNUSED', raw({ 'conv2/kernel': of(1) }), /conv2\/kernel/],
      ['WEIGHTS_NAN', raw({ 'bn/gamma': of(Number.NaN) }), /bn\/gamma/],
      ['WEIGHTS_NAN', raw({ 'bn/moving_variance': of(-0.5) }), /bn\/moving_variance hold a negative variance/],
      ['WEIGHTS_NAN', raw({ 'bn/gamma': of(3e38), 'bn/moving_variance': of(0) }), /conv\/kernel are beyond float32/],
    ];
    for (const [code, weights, message] of cases) {
      assert.throws(() => foldWeights(backbone, weights), { name: 'InputError', code, message });
    }
  });
});

describe('hashWeights', () => {
  it('depends on names, shapes and values, not on order', () => {
    const a = { shape: [2], data: Float32Array.of(1, 2) };
    const b = { shape: [1], data: Float32Array.of(3) };
    const hash = hashWeights(
      new Map([
        ['a', a],
        ['b', b],
      ]),
    );
    assert.equal(
      hashWeights(
        new Map([
          ['b', b],
          ['a', a],
        ]),
      ),
      hash,
    );
    assert.notEqual(
      hashWeights(
        new Map([
          ['a', b],
          ['b', a],
        ]),
      ),
      hash,
    );
    assert.notEqual(
      hashWeights(
        new Map([
          ['a', { ...a, shape: [2, 1] }],
          ['b', b],
        ]),
      ),
      hash,
    );
  });
});
