import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { memory } from '@tensorflow/tfjs-core';
import { layerAtCut, shapeAtCut } from './backbones/backbone.js';
import { countParameters } from './backbones/demand.js';
import { findBackbone } from './backbones/find.js';
import { measureShapes } from './backbones/measure.js';
import { chooseBackend } from './backend/choose.js';
import { buildBase, buildNetwork, buildTail, type Cut, cutLength } from './network.js';
import { layOut } from './train/parameters.js';
import { BUILT_IN_WEIGHTS } from './weights/record.js';

const lite0 = findBackbone('efficientnet-lite0');

const head = { units: [64, 16], dropout: 0.2, labels: 3 };

describe('the networks built from a table', () => {
  before(() => chooseBackend('wasm'));

  it('have the parameters that are listed', () => {
    for (const { backbone, parameters } of BUILT_IN_WEIGHTS) {
      assert.equal(countParameters(backbone.layers), parameters, backbone.name);
    }
  });

  // Every construction with a window of its own; the families' larger members repeat them.
  for (const [name, variant] of [
    ['efficientnet-lite0', 'tensorflow'],
    ['efficientnet-b0', 'keras'],
    ['efficientnet-b0', 'torchvision'],
    ['mobilenet-v2-0.35', 'keras'],
    ['mobilenet-v2-0.35', 'timm'],
    ['resnet50', 'keras'],
    ['resnet50', 'torchvision'],
    ['vgg16', 'keras'],
  ] as const) {
    for (const size of [
      { height: 224, width: 224 },
      { height: 97, width: 161 },
      { height: 33, width: 64 },
    ]) {
      it(`tell the shape of every layer of ${name} (${variant}) for a picture of ${size.height}x${size.width}`, () => {
        const backbone = findBackbone(name, variant);
        const base = buildBase(backbone, size);
        const shapes = measureShapes(backbone.folded, size);
        for (const { name: layer } of backbone.folded.slice(1)) {
          const built = base.getLayer(layer).outputShape.slice(1);
          const [height, width, channels] = shapes.get(layer) ?? [];
          assert.deepEqual(built, built.length === 1 ? [channels] : [height, width, channels], layer);
        }
        for (const [cut, block] of backbone.blocks.entries()) {
          const { outputShape } = base.getLayer(layerAtCut(backbone, cut));
          assert.deepEqual(outputShape.slice(1), [...shapeAtCut(backbone, cut, size)], `before ${block}`);
        }
        base.dispose();
      });
    }
  }

  it('refuse a picture that is too small for them', () => {
    const small = { height: 31, width: 64 };
    const refusal = { name: 'InputError', code: 'BACKBONE_SIZE', message: /64x31 .* vgg16: expected 32/ };
    const vgg16 = findBackbone('vgg16');
    assert.throws(() => buildBase(vgg16, small), refusal);
    assert.throws(() => buildNetwork(vgg16, head, small), refusal);
    assert.throws(() => buildTail({ backbone: vgg16, head, size: small, cut: 'embedding' }), refusal);
  });

  it('open what lies behind the cut, and the head', () => {
    const size = { height: 64, width: 64 };
    const opened = (cut: Cut) => {
      const tail = buildTail({ backbone: lite0, head, size, cut });
      const names = layOut(tail).map(({ name }) => name.split('/')[0]);
      tail.dispose();
      return [...new Set(names)];
    };
    const headLayers = ['hidden1', 'hidden2', 'probabilities'];
    assert.deepEqual(opened('embedding'), headLayers);
    assert.deepEqual(opened(16), ['top_conv', ...headLayers]);
    assert.deepEqual(opened(15), [
      'block7a_expand_conv',
      'block7a_dwconv',
      'block7a_project_conv',
      'top_conv',
      ...headLayers,
    ]);
    assert.equal(cutLength(lite0, size, 15), 2 * 2 * 192);
  });

  it('free their weights', () => {
    const before = memory().numTensors;
    buildNetwork(lite0, head, { height: 64, width: 64 }).dispose();
    assert.equal(memory().numTensors, before);
  });
});
