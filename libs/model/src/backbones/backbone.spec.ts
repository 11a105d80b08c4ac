import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countParameters, demandsOf } from './demand.js';
import { findBackbone } from './find.js';
import { resolveFreeze } from './freeze.js';
import { isConvolution } from './layer.js';
import { countMacs } from './measure.js';

const lite0 = findBackbone('efficientnet-lite0');

describe('a network as a list of layers', () => {
  it('counts parameters and multiply-accumulates as its authors do', () => {
    assert.equal(countParameters(lite0.layers), 3_413_024);
    // 407 M with the classifier of 1,280 x 1,000 (tensorflow/tpu, efficientnet/lite), which is not here.
    const macs = countMacs(lite0.layers, { height: 224, width: 224 });
    assert.ok(Math.abs(macs / 1e6 - 383) < 25, `${macs}`);
  });

  it('folds every norm and activation into its convolution', () => {
    const kinds = new Set(lite0.folded.map(({ kind }) => kind));
    assert.deepEqual([...kinds].sort(), ['add', 'conv', 'depthwise', 'input']);
    const expand = lite0.folded.find(({ name }) => name === 'block2a_expand_conv');
    assert.ok(expand !== undefined && isConvolution(expand) && expand.activation === 'relu6' && expand.bias);
    const project = lite0.folded.find(({ name }) => name === 'block2a_project_conv');
    assert.ok(project !== undefined && isConvolution(project) && project.activation === 'linear');
  });

  it('demands kernels, norms and nothing else', () => {
    const demands = demandsOf(lite0.layers);
    assert.deepEqual(demands[0], { name: 'stem_conv/kernel', shape: [3, 3, 3, 32] });
    assert.deepEqual(demands[5], { name: 'block1a_dwconv/depthwise_kernel', shape: [3, 3, 32, 1] });
  });
});

describe('a freeze depth', () => {
  const at = (depth: number | string) => resolveFreeze(depth, lite0);
  const indexOf = (name: string) => lite0.layers.findIndex((layer) => layer.name === name);

  it('by block opens the block', () => {
    const freeze = at('block5b');
    assert.deepEqual(
      [freeze.cut, freeze.frozen, freeze.firstOpen, freeze.layers],
      [9, [], 'block5b_expand_conv', indexOf('block5b_expand_conv')],
    );
    // 320 x 1280 weights and 1280 biases.
    assert.deepEqual(at('top'), { ...at('top'), cut: 16, firstOpen: 'top_conv', parameters: 410_880 });
  });

  it('by layer count freezes what lies before it inside a block', () => {
    const freeze = at(indexOf('block5b_dwconv'));
    assert.deepEqual([freeze.cut, freeze.frozen, freeze.firstOpen], [9, ['block5b_expand_conv'], 'block5b_dwconv']);
    // A norm belongs to the convolution before it: one layer further nothing changes until the next convolution.
    assert.equal(at(indexOf('block5b_bn')).firstOpen, 'block5b_project_conv');
  });

  it('of every layer leaves the head alone', () => {
    const { length } = lite0.layers;
    const nothing = { cut: 'embedding', frozen: [], layers: length, ofLayers: length, firstOpen: null, parameters: 0 };
    assert.deepEqual(at(length), nothing);
  });

  it('of none keeps the stem frozen', () => {
    assert.equal(at(0).firstOpen, 'block1a_dwconv');
  });

  for (const depth of [10_000, -1, 'block9z', 'stem']) {
    it(`of ${depth} is refused: PLAN_FREEZE`, () => {
      assert.throws(() => at(depth), { code: 'PLAN_FREEZE', message: /0 to \d+ layers.*block1a/ });
    });
  }
});
