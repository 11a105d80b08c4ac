import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { formulaCheckpoint } from '../../../../test/factories/formula-base.js';
import {
  configOf,
  type FileLayer,
  layersOf,
  writeKerasArchive,
  writeKerasH5,
  writeKerasWeightsH5,
} from '../../../../test/factories/keras-files.js';
import { findBackbone } from '../backbones/find.js';
import { readCheckpoint } from './checkpoint.js';
import { foldWeights } from './fold-weights.js';
import { openHdf5 } from './hdf5.js';
import { listKerasH5, renameByOrder } from './keras-h5.js';
import { countRescalings, namesInConfig } from './keras-weights-h5.js';
import { hashWeights, type WeightMap } from './weight-map.js';

// The narrowest network; that real Keras writes such files is what test/proof shows.
const NETWORK = 'mobilenet-v2-0.35';
const backbone = findBackbone(NETWORK, 'keras');
const of = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(2) });
/** What a file brings beside the network: its classifier. */
const predictions: FileLayer = {
  name: 'predictions',
  kind: 'dense',
  tensors: { kernel: of(1280, 10), bias: of(10) },
};

describe('files of Keras', () => {
  const layers = layersOf(formulaCheckpoint(backbone));
  let expected: WeightMap;
  before(() => {
    expected = foldWeights(backbone, formulaCheckpoint(backbone));
  });

  const files: Record<string, { layout: string; write: () => Promise<Uint8Array> }> = {
    'weights of Keras 2': { layout: 'keras-h5', write: () => writeKerasH5([...layers, predictions]) },
    'a whole model as .h5, of Keras 3, whose depthwise kernels are kernels': {
      layout: 'keras-h5',
      write: () => writeKerasH5(layers.map(asKeras3), { isModel: true, suffix: '', plain: ['input_layer'] }),
    },
    '.weights.h5 with names': {
      layout: 'keras-weights-h5',
      write: () => writeKerasWeightsH5([...layers].reverse(), { isNamed: true }),
    },
    '.weights.h5 without names, by class and number': {
      layout: 'keras-weights-h5',
      write: () => writeKerasWeightsH5([...layers, predictions], { plain: ['input_layer', 're_lu'] }),
    },
    '.weights.h5 of a model in a model': {
      layout: 'keras-weights-h5',
      write: () => writeKerasWeightsH5(layers, { inside: 'layers/functional' }),
    },
    '.keras whose config names the layers': {
      layout: 'keras-archive',
      write: async () => {
        const turned = [...layers].reverse();
        return writeKerasArchive(await writeKerasWeightsH5(turned), configOf(turned));
      },
    },
  };
  for (const [name, { layout, write }] of Object.entries(files)) {
    it(`read ${name}`, async () => {
      const checkpoint = await readCheckpoint(await write(), { backbone: NETWORK });
      assert.equal(checkpoint.row.layout, layout);
      assert.equal(checkpoint.backbone.variant, 'keras');
      assert.equal(checkpoint.published, null);
      assert.equal(hashWeights(foldWeights(checkpoint.backbone, checkpoint.raw)), hashWeights(expected));
    });
  }

  it('say which layer they leave, by the name that the file has for it', async () => {
    const left = async (bytes: Uint8Array, leaveOut: string[] = []) =>
      (await readCheckpoint(bytes, { backbone: NETWORK, leaveOut })).left;
    const withTop = [...layers, predictions];
    assert.deepEqual(await left(await writeKerasH5(withTop)), ['predictions']);
    assert.deepEqual(await left(await writeKerasWeightsH5(withTop, { isNamed: true })), ['predictions']);
    assert.deepEqual(await left(await writeKerasWeightsH5(withTop)), ['dense']);
    assert.deepEqual(await left(await writeKerasWeightsH5(layers)), []);
    const twoDense = await writeKerasWeightsH5([...withTop, { ...predictions, name: 'defects' }]);
    assert.deepEqual(await left(twoDense, ['dense_1']), ['dense', 'dense_1']);
  });

  it('leave a head of one’s own aside when told so, and only then', async () => {
    const own = { ...predictions, name: 'defects' };
    const bytes = await writeKerasH5([...layers, own]);
    const read = async (leaveOut: string[]) => {
      const { backbone: network, raw } = await readCheckpoint(bytes, { backbone: NETWORK, leaveOut });
      return foldWeights(network, raw);
    };
    await assert.rejects(read([]), { code: 'WEIGHTS_UNUSED', message: /defects\/kernel/ });
    assert.equal(hashWeights(await read(['defects'])), hashWeights(expected));
  });

  it('say which weights do not fit the network', async () => {
    const wrong = layers.map((layer) =>
      layer.name === 'Conv1' ? { ...layer, tensors: { kernel: of(3, 3, 3, 8) } } : layer,
    );
    const nan = layers.map((layer) =>
      layer.name === 'Conv1' ? { ...layer, tensors: { kernel: { ...of(3, 3, 3, 16), data: NAN_KERNEL } } } : layer,
    );
    const cases: [string, FileLayer[], RegExp][] = [
      ['WEIGHTS_MISSING', layers.filter(({ name }) => name !== 'bn_Conv1'), /bn_Conv1\/gamma/],
      ['WEIGHTS_SHAPE', wrong, /Conv1\/kernel have shape \[3,3,3,8\]/],
      ['WEIGHTS_NAN', nan, /Conv1\/kernel/],
      ['WEIGHTS_UNUSED', [...layers, { name: 'stem', kind: 'conv2d', tensors: { bias: of(4) } }], /stem\/bias/],
    ];
    for (const [code, chosen, message] of cases) {
      const { backbone: network, raw } = await readCheckpoint(await writeKerasH5(chosen), { backbone: NETWORK });
      assert.throws(() => foldWeights(network, raw), { name: 'InputError', code, message });
    }
  });

  it('are refused for a network or a library they are not proven for', async () => {
    const bytes = await writeKerasH5(layers.slice(0, 1));
    const refusal = { name: 'InputError', code: 'WEIGHTS_LAYOUT' };
    await assert.rejects(readCheckpoint(bytes, { backbone: NETWORK, variant: 'timm' }), refusal);
    await assert.rejects(readCheckpoint(bytes, { backbone: 'efficientnet-lite0' }), refusal);
    await assert.rejects(readCheckpoint(bytes, { backbone: NETWORK, variant: 'caffe' }), { code: 'BACKBONE_VARIANT' });
    await assert.rejects(readCheckpoint(bytes, { backbone: 'alexnet' }), { code: 'BACKBONE_UNKNOWN' });
  });

  it('bear the oldest names in the order that Keras itself goes by', async () => {
    const renamed = layers.map(({ name, kind, tensors }) => ({ name: `old_${name}`, kind, tensors }));
    const file = await openHdf5(await writeKerasH5(renamed, { suffix: '_1:0' }));
    try {
      const listed = renameByOrder(listKerasH5(file.root), backbone);
      assert.deepEqual(
        listed.map(({ name }) => name),
        layers.map(({ name }) => name),
      );
    } finally {
      await file.close();
    }
  });
});

const NAN_KERNEL = new Float32Array(3 * 3 * 3 * 16).fill(Number.NaN);

/** Keras 3 calls a depthwise kernel `kernel`. */
function asKeras3(layer: FileLayer): FileLayer {
  const kernel = layer.tensors['depthwise_kernel'];
  return kernel === undefined ? layer : { ...layer, tensors: { kernel } };
}

describe('normalisation of an EfficientNet', () => {
  const NAME = 'efficientnet-b0';
  const mean = { shape: [3], data: Float32Array.of(0.5, 0.25, 0.125) };
  const variance = { shape: [3], data: Float32Array.of(0.25, 0.0625, 0.04) };
  const count = { shape: [1], data: Float32Array.of(0) };
  const layer: FileLayer = { name: 'normalization_4', kind: 'normalization', tensors: { mean, variance, count } };
  const normaliseOf = async (bytes: Uint8Array) =>
    (await readCheckpoint(bytes, { backbone: NAME, variant: 'keras' })).backbone.normalise;
  const near = (actual: readonly number[], expected: readonly number[]) => {
    for (const [i, value] of expected.entries())
      assert.ok(Math.abs((actual[i] ?? 0) - value) < 1e-4 * value, `${actual}`);
  };
  const plain = [0.5, 0.25, 0.2].map((std) => 255 * std);
  const twice = plain.map((std, i) => std * Math.sqrt([0.229, 0.224, 0.225][i] ?? 0));

  it('is the checkpoint’s own, whatever number the layer has', async () => {
    const { mean: means, std } = await normaliseOf(await writeKerasH5([layer], { plain: ['input_1', 'rescaling_4'] }));
    near(means, [127.5, 63.75, 31.875]);
    near(std, plain);
  });

  it('takes the second scaling of weights=imagenet in, which every layout lists in its own way', async () => {
    for (const second of ['rescaling_5', 'tf.math.multiply', 'tf.math.truediv_1']) {
      near((await normaliseOf(await writeKerasH5([layer], { plain: ['rescaling_4', second] }))).std, twice);
    }
    const numbered = { ...layer, name: 'normalization' };
    for (const second of ['rescaling_1', 'tf_op_lambda']) {
      const bytes = await writeKerasWeightsH5([numbered], { plain: ['rescaling', second] });
      near((await normaliseOf(bytes)).std, twice);
    }
    near((await normaliseOf(await writeKerasWeightsH5([numbered], { plain: ['rescaling'] }))).std, plain);
  });

  it('tells ImageNet’s statistics where the file lists no scalings at all', async () => {
    const imagenet = {
      ...layer,
      tensors: {
        mean: { shape: [3], data: Float32Array.of(0.485, 0.456, 0.406) },
        variance: { shape: [3], data: Float32Array.of(0.229, 0.224, 0.225) },
      },
    };
    const std = [0.229, 0.224, 0.225].map((value) => 255 * value);
    near((await normaliseOf(await writeKerasWeightsH5([imagenet]))).std, std);
    // The layer list of a model around the network names the network alone.
    near((await normaliseOf(await writeKerasH5([imagenet]))).std, std);
    await assert.rejects(writeKerasWeightsH5([layer]).then(normaliseOf), {
      code: 'WEIGHTS_NORMALISATION',
      message: /\.keras/,
    });
  });
});

describe('the config of a .keras file', () => {
  it('names layers by class and number, models in models too', () => {
    const conv = (name: string) => ({ class_name: 'Conv2D', config: { name } });
    const inner = { class_name: 'Functional', config: { name: 'base', layers: [conv('stem'), conv('top')] } };
    const config = { class_name: 'Sequential', config: { layers: [inner, conv('own'), { broken: true }] } };
    assert.deepEqual(Object.fromEntries(namesInConfig(config)), {
      '/layers/functional': 'base',
      '/layers/functional/layers/conv2d': 'stem',
      '/layers/functional/layers/conv2d_1': 'top',
      '/layers/conv2d': 'own',
    });
    assert.equal(namesInConfig(null).size, 0);
  });

  it('is not needed to see scalings in the inner model', () => {
    const group = (groups = {}) => ({ attributes: {}, datasets: {}, groups });
    const inner = group({ layers: group({ rescaling: group(), rescaling_1: group() }) });
    assert.equal(countRescalings(group({ layers: group({ functional: inner }) })), 2);
    assert.equal(countRescalings(group({ layers: group({ conv2d: group() }) })), null);
  });
});
