import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { formulaPicture, formulaTensor } from './formula.js';

// Reference: test/proof/formula.py on NumPy 2.4.6; the first 16 hex digits of the sha256 of the bytes it makes.
const MADE = [
  { name: 'stem_conv/kernel', shape: [3, 3, 3, 32], gain: 1, sha256: 'f92e6d4ba640f71b' },
  { name: 'block1a_dwconv/depthwise_kernel', shape: [3, 3, 32, 1], gain: 1, sha256: 'a2bad9eada4cd665' },
  { name: 'top_bn/gamma', shape: [1280], gain: 1.1, sha256: 'b0986451f1fec1d3' },
  { name: 'normalization/variance', shape: [3], gain: 1, sha256: '00815d40f113b11b' },
  { name: 'layer1.0.conv2.weight', shape: [64, 64, 3, 3], gain: 0.7, sha256: '59270ebc7f0f518f' },
  { name: 'features.0.1.running_var', shape: [32], gain: 1, sha256: '3bb9062a944f272b' },
  { name: 'b/moving_mean', shape: [40_000], gain: 1, sha256: 'dc4590da7f8d479c' },
];

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

describe('weights by formula', () => {
  for (const { name, shape, gain, sha256 } of MADE) {
    it(`are NumPy's for ${name} [${shape}], bit for bit`, () => {
      const { data } = formulaTensor(name, shape, gain);
      assert.equal(hash(new Uint8Array(data.buffer)), sha256);
    });
  }

  it('are refused for a role the formula does not know', () => {
    assert.throws(() => formulaTensor('stem_conv/colour', [3], 1), { message: /colour/ });
  });
});

describe('the picture by formula', () => {
  it("is NumPy's, byte for byte", () => assert.equal(hash(formulaPicture(33)), '0626f67dce8c28f4'));
});
