import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findBackbone } from '../../backbones/find.js';
import { TIMM_CLASSIFIER, timmNames } from './timm.js';
import { TORCHVISION_CLASSIFIER } from './torchvision.js';

const lite0 = findBackbone('efficientnet-lite0');

// That the names are those of the libraries, and all of them, is what test/golden compares with the libraries' own lists.
describe('timmNames', () => {
  const names = timmNames(lite0);
  const cases: Record<string, string> = {
    stem_bn: 'bn1',
    block1a_dwconv: 'blocks.0.0.conv_dw',
    block1a_project_bn: 'blocks.0.0.bn2',
    block3b_expand_conv: 'blocks.2.1.conv_pw',
    block3b_project_conv: 'blocks.2.1.conv_pwl',
    top_conv: 'conv_head',
  };
  for (const [layer, module] of Object.entries(cases)) {
    it(`finds ${layer} in ${module}`, () => assert.equal(names.get(layer), module));
  }
  it('names every convolution and norm once', () => assert.equal(new Set(names.values()).size, names.size));
});

describe('what a classifier brings', () => {
  it('is known by its names in both libraries', () => {
    for (const name of ['fc.weight', 'classifier.6.bias', 'classifier.1.weight'])
      assert.match(name, TORCHVISION_CLASSIFIER);
    for (const name of ['head.fc.weight', 'pre_logits.fc2.bias', 'classifier.weight'])
      assert.match(name, TIMM_CLASSIFIER);
  });
  it('is no layer of the base', () => assert.doesNotMatch('features.0.weight', TORCHVISION_CLASSIFIER));
});
