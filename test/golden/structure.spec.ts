import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { BACKBONES } from '#model/backbones/find';
import { digest, structureOf } from '../factories/structure.js';
import STRUCTURES from './structures.json' with { type: 'json' };

// Reference: structures.json, which `npm run proof -- goldens` writes from Keras, torchvision and timm themselves. It holds
// digests; `npm run proof` compares line by line and names what differs.
const REFERENCES: Readonly<Record<string, { tensors: string; parts: string; layers: string }>> = STRUCTURES;
const GOLDENS = readdirSync(new URL('../../../test/golden/', import.meta.url));

/** The reference implementation of the Lite networks has goldens of its own, on its published weights. */
const BUILT = BACKBONES.flatMap((network) =>
  network.variants
    .filter((variant) => variant !== 'tensorflow')
    .map((variant) => ({ network, variant, key: `${variant}/${network.name}` })),
);

describe('tensors, strides, paddings, epsilons and order of layers', () => {
  for (const { network, variant, key } of BUILT) {
    it(`are those of ${key}`, () => {
      const { tensors, parts, layers } = structureOf(network.build(variant));
      assert.deepEqual({ tensors: digest(tensors), parts: digest(parts), layers: digest(layers) }, REFERENCES[key]);
    });
  }
});

describe('every layout that is accepted', () => {
  it('has outputs of its library stored for a member of each family', () => {
    const familyOf = (name: string) => /^(vgg|resnet|mobilenet|efficientnet-\w)/.exec(name)?.[0];
    const missing = BUILT.filter(({ network, variant }) => {
      const start = `${variant}-${familyOf(network.name)}`;
      return !GOLDENS.some((file) => file.startsWith(start) && file.endsWith('.golden.safetensors'));
    });
    assert.deepEqual(
      missing.map(({ key }) => key),
      [],
    );
  });
});
