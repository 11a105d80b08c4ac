import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { memory } from '@tensorflow/tfjs-core';
import { layerAtCut, shapeAtCut } from './backbones/backbone.js';
import { efficientNetLite0 } from './backbones/efficientnet.js';
import { chooseBackend } from './backend/choose.js';
import { buildBase, buildNetwork, buildTail, type Cut, cutLength } from './network.js';
import { layOut } from './train/parameters.js';
import { KNOWN_WEIGHTS } from './weights/known.js';

const head = { units: [64, 16], dropout: 0.2, labels: 3 };

describe('the networks built from a table', () => {
  before(() => chooseBackend('wasm'));

  it('have the parameters that are listed', () => {
    for (const { backbone, parameters } of KNOWN_WEIGHTS) {
      assert.equal(buildBase(backbone, { height: 224, width: 224 }).countParams(), parameters, backbone.name);
    }
  });

  for (const [height, width] of [
    [224, 224],
    [96, 161],
    [33, 64],
  ] as const) {
    it(`tell the shape at every cut of a ${height}x${width} picture`, () => {
      const base = buildBase(efficientNetLite0, { height, width });
      for (const [cut, name] of efficientNetLite0.blocks.entries()) {
        const { outputShape } = base.getLayer(layerAtCut(efficientNetLite0, cut));
        assert.deepEqual(
          outputShape.slice(1),
          [...shapeAtCut(efficientNetLite0, cut, { height, width })],
          `before ${name}`,
        );
      }
      base.dispose();
    });
  }

  it('open what lies behind the cut, and the head', () => {
    const size = { height: 64, width: 64 };
    const opened = (cut: Cut) => {
      const tail = buildTail({ backbone: efficientNetLite0, head, size, cut });
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
    assert.equal(cutLength(efficientNetLite0, size, 15), 2 * 2 * 192);
  });

  it('free their weights', () => {
    const before = memory().numTensors;
    buildNetwork(efficientNetLite0, head, { height: 64, width: 64 }).dispose();
    assert.equal(memory().numTensors, before);
  });
});
