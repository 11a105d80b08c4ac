import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countParameters } from './demand.js';
import { BACKBONES, findBackbone } from './find.js';
import { isConvolution } from './layer.js';
import { countMacs, measureShapes } from './measure.js';

interface Facts {
  /** Layers of `keras.applications` with include_top=False, weights='imagenet' (Keras 3.15 and 2.21 alike). */
  readonly layers: number;
  /** Its parameters; for EfficientNet without the 7 of the normalisation layer. */
  readonly parameters: number;
  /** Million multiply-accumulates as the authors state them, classifier included. */
  readonly macs: number;
  readonly featureSize: number;
  /** Names at some places of the list. */
  readonly at: Readonly<Record<number, string>>;
}

const RESNET = {
  13: 'conv2_block1_0_conv',
  15: 'conv2_block1_0_bn',
  50: 'conv3_block1_out',
};
const MOBILENET = {
  50: 'block_5_depthwise_relu',
  100: 'block_11_expand_relu',
  150: 'block_16_project_BN',
  153: 'out_relu',
};
const B1_TO_B3 = { 50: 'block2b_se_squeeze', 100: 'block3b_project_bn', 150: 'block4c_dwconv' };

/** Parameters of Lite networks are those of the published checkpoints and of timm, less the classifier. */
const FACTS: Readonly<Record<string, Facts>> = {
  'efficientnet-lite0': { layers: 141, parameters: 3_413_024, macs: 407, featureSize: 1280, at: { 1: 'stem_conv' } },
  'efficientnet-lite1': { layers: 186, parameters: 4_189_344, macs: 631, featureSize: 1280, at: { 1: 'stem_conv' } },
  'efficientnet-lite2': { layers: 186, parameters: 4_869_168, macs: 899, featureSize: 1280, at: { 1: 'stem_conv' } },
  'efficientnet-lite3': { layers: 213, parameters: 6_992_768, macs: 1440, featureSize: 1280, at: { 1: 'stem_conv' } },
  'efficientnet-lite4': { layers: 267, parameters: 11_837_936, macs: 2640, featureSize: 1280, at: { 1: 'stem_conv' } },
  'efficientnet-b0': {
    layers: 238,
    parameters: 4_049_564,
    macs: 390,
    featureSize: 1280,
    at: { 3: 'rescaling_1', 50: 'block3a_dwconv_pad', 100: 'block4b_se_excite', 150: 'block5c_expand_activation' },
  },
  'efficientnet-b1': { layers: 340, parameters: 6_575_232, macs: 700, featureSize: 1280, at: B1_TO_B3 },
  'efficientnet-b2': { layers: 340, parameters: 7_768_562, macs: 1000, featureSize: 1408, at: B1_TO_B3 },
  'efficientnet-b3': { layers: 385, parameters: 10_783_528, macs: 1800, featureSize: 1536, at: B1_TO_B3 },
  'efficientnet-b4': {
    layers: 475,
    parameters: 17_673_816,
    macs: 4200,
    featureSize: 1792,
    at: { 50: 'block2b_se_squeeze', 100: 'block3a_se_excite', 150: 'block4a_expand_activation' },
  },
  'efficientnet-b5': {
    layers: 577,
    parameters: 28_513_520,
    macs: 9900,
    featureSize: 2048,
    at: { 50: 'block2a_se_reshape', 100: 'block2d_add', 150: 'block3c_activation' },
  },
  'efficientnet-b6': {
    layers: 667,
    parameters: 40_960_136,
    macs: 19_000,
    featureSize: 2304,
    at: { 50: 'block2a_se_reshape', 100: 'block2d_add', 150: 'block3b_activation' },
  },
  'efficientnet-b7': {
    layers: 814,
    parameters: 64_097_680,
    macs: 37_000,
    featureSize: 2560,
    at: { 50: 'block1d_project_conv', 100: 'block2d_expand_activation', 150: 'block2g_se_reshape' },
  },
  'mobilenet-v2-0.35': { layers: 154, parameters: 410_208, macs: 59, featureSize: 1280, at: MOBILENET },
  'mobilenet-v2-0.5': { layers: 154, parameters: 706_224, macs: 97, featureSize: 1280, at: MOBILENET },
  'mobilenet-v2-0.75': { layers: 154, parameters: 1_382_064, macs: 209, featureSize: 1280, at: MOBILENET },
  'mobilenet-v2': { layers: 154, parameters: 2_257_984, macs: 300, featureSize: 1280, at: MOBILENET },
  'mobilenet-v2-1.3': { layers: 154, parameters: 3_766_048, macs: 509, featureSize: 1664, at: MOBILENET },
  'mobilenet-v2-1.4': { layers: 154, parameters: 4_363_712, macs: 582, featureSize: 1792, at: MOBILENET },
  resnet50: {
    layers: 175,
    parameters: 23_587_712,
    macs: 3800,
    featureSize: 2048,
    at: { ...RESNET, 100: 'conv4_block2_3_bn', 150: 'conv5_block1_3_conv' },
  },
  resnet101: {
    layers: 345,
    parameters: 42_658_176,
    macs: 7600,
    featureSize: 2048,
    at: { ...RESNET, 100: 'conv4_block2_3_bn', 150: 'conv4_block7_3_bn' },
  },
  resnet152: {
    layers: 515,
    parameters: 58_370_944,
    macs: 11_300,
    featureSize: 2048,
    at: { ...RESNET, 100: 'conv3_block6_out', 150: 'conv4_block3_3_bn' },
  },
  vgg16: { layers: 19, parameters: 14_714_688, macs: 15_300, featureSize: 512, at: { 10: 'block3_pool' } },
  vgg19: { layers: 22, parameters: 20_024_384, macs: 19_600, featureSize: 512, at: { 10: 'block3_conv4' } },
};

describe('every network', () => {
  it('has its facts below, and none is missing', () => {
    assert.deepEqual(BACKBONES.map(({ name }) => name).sort(), Object.keys(FACTS).sort());
  });

  for (const [name, facts] of Object.entries(FACTS)) {
    it(`${name} counts as its authors and Keras do`, () => {
      const backbone = findBackbone(name);
      assert.equal(backbone.layers.length, facts.layers);
      assert.equal(countParameters(backbone.layers), facts.parameters);
      assert.equal(backbone.featureSize, facts.featureSize);
      for (const [index, layer] of Object.entries(facts.at)) assert.equal(backbone.layers[Number(index)]?.name, layer);
      // Some authors count the classifier or the norms too: up to 6 % more.
      const side = backbone.inputSize;
      const macs = countMacs(backbone.layers, { height: side, width: side }) / 1e6;
      assert.ok(Math.abs(macs / facts.macs - 1) < 0.06, `${macs}`);
      assert.ok(backbone.blocks.includes(backbone.openFrom));
    });

    it(`${name} is one list of layers, whichever library builds it`, () => {
      const lists = BACKBONES.find((network) => network.name === name)?.variants.map((variant) =>
        findBackbone(name, variant)
          .layers.map((layer) => layer.name)
          .join(),
      );
      assert.equal(new Set(lists).size, 1);
    });
  }
});

describe('a variant', () => {
  const layerOf = (name: string, variant: string, layer: string) => {
    const found = findBackbone(name, variant).layers.find((known) => known.name === layer);
    assert.ok(found !== undefined);
    return found;
  };
  const windowOf = (name: string, variant: string, layer: string) => {
    const found = layerOf(name, variant, layer);
    assert.ok(isConvolution(found));
    return [found.stride, found.padding, found.bias];
  };

  it('of ResNet says where a stage halves its map, and whether convolutions have biases', () => {
    assert.deepEqual(windowOf('resnet50', 'keras', 'conv3_block1_1_conv'), [2, 'same', true]);
    assert.deepEqual(windowOf('resnet50', 'keras', 'conv3_block1_2_conv'), [1, 'same', true]);
    assert.deepEqual(windowOf('resnet50', 'torchvision', 'conv3_block1_1_conv'), [1, 'same', false]);
    assert.deepEqual(windowOf('resnet50', 'torchvision', 'conv3_block1_2_conv'), [2, 1, false]);
  });

  it('says how a convolution with a stride pads', () => {
    assert.deepEqual(windowOf('mobilenet-v2', 'keras', 'block_1_depthwise'), [2, 'same', false]);
    assert.deepEqual(windowOf('mobilenet-v2', 'timm', 'block_1_depthwise'), [2, 1, false]);
    assert.deepEqual(windowOf('efficientnet-b0', 'torchvision', 'block3a_dwconv'), [2, 2, false]);
    assert.deepEqual(windowOf('efficientnet-b0', 'timm-tf', 'block3a_dwconv'), [2, 'same', false]);
  });

  it('says how small a variance its norms bear', () => {
    const epsilons = (
      [
        ['resnet50', 'keras', 'conv1_bn'],
        ['resnet50', 'timm', 'conv1_bn'],
        ['efficientnet-b4', 'torchvision', 'stem_bn'],
        ['efficientnet-b5', 'torchvision', 'stem_bn'],
        ['efficientnet-b5', 'timm', 'stem_bn'],
        ['mobilenet-v2', 'keras', 'bn_Conv1'],
      ] as const
    ).map(([name, variant, layer]) => {
      const norm = layerOf(name, variant, layer);
      return norm.kind === 'norm' ? norm.epsilon : null;
    });
    assert.deepEqual(epsilons, [1.001e-5, 1e-5, 1e-5, 1e-3, 1e-5, 1e-3]);
  });

  it('brings its own scaling of pictures', () => {
    const { normalise, channels } = findBackbone('vgg16');
    assert.deepEqual([normalise, channels], [{ mean: [123.68, 116.779, 103.939], std: [1, 1, 1] }, 'bgr']);
    assert.deepEqual(findBackbone('mobilenet-v2').normalise.std, [127.5, 127.5, 127.5]);
    assert.equal(layerOf('efficientnet-b0', 'keras', 'normalization').kind, 'normalization');
    assert.equal(layerOf('efficientnet-b0', 'timm', 'normalization').kind, 'identity');
  });

  it('or a network that does not exist is refused with the list of those that do', () => {
    assert.throws(() => findBackbone('vgg61'), { code: 'BACKBONE_UNKNOWN', message: /vgg16, vgg19/ });
    assert.throws(() => findBackbone('vgg16', 'caffe'), {
      code: 'BACKBONE_VARIANT',
      message: /keras, torchvision, timm/,
    });
  });
});

describe('the smallest picture', () => {
  for (const { name } of BACKBONES) {
    it(`of 32 pixels leaves ${name} a map of one`, () => {
      const { folded, featureMap } = findBackbone(name);
      assert.deepEqual(measureShapes(folded, { height: 32, width: 32 }).get(featureMap)?.slice(0, 2), [1, 1]);
    });
  }
});
