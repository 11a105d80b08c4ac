import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import type { Backbone } from '#model/backbones/backbone';
import { findBackbone } from '#model/backbones/find';
import { chooseBackend } from '#model/backend/choose';
import { foldWeights, type RawWeights } from '#model/weights/fold-weights';
import { formulaTensor } from '#model/weights/formula';
import { TIMM_CLASSIFIER, timmNames } from '#model/weights/layouts/timm';
import { TORCHVISION_CLASSIFIER, torchvisionNames } from '#model/weights/layouts/torchvision';
import { normaliseOf } from '#model/weights/normalise-efficientnet';
import { fromPyTorch } from '#model/weights/pytorch-layout';
import {
  DEPTHS,
  LARGEST_DIFFERENCE,
  type Reference,
  readReference,
  relativeDifference,
  runExported,
} from '../factories/agreement.js';
import NETWORKS from '../proof/networks.json' with { type: 'json' };

// Reference: Keras 3.15.1, torchvision 0.29.2 and timm 1.0.31 on weights by formula; `npm run proof -- goldens` rewrites
// them. A library's names come from the library itself, so that a wrong name here fails as a missing weight.
const FOLDER = new URL('../../../test/golden/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => /^(keras|torchvision|timm)-.*\.golden\.safetensors$/.test(name));

describe('weights by formula, in the network of the library they are named by', () => {
  before(() => chooseBackend('wasm'));

  for (const file of FILES) {
    it(`agree with ${file.replace('.golden.safetensors', '')} at two depths within ${LARGEST_DIFFERENCE}`, async () => {
      const golden = await readReference(new URL(file, FOLDER));
      const backbone = findBackbone(golden.network, golden.layout);
      const raw = readLayout(golden, backbone);
      const weights = foldWeights(backbone, raw);
      const inner = NETWORKS.find(({ name }) => name === golden.network)?.inner ?? '';
      // Keras' EfficientNet brings its normalisation; weights='imagenet' builds it with two scalings.
      const normalise = raw.has('normalization/mean') ? normaliseOf(raw, 2) : backbone.normalise;
      const actual = await runExported({ backbone, weights, normalise, inner, size: golden.size });
      for (const depth of DEPTHS) {
        const difference = relativeDifference(actual[depth], golden[depth]);
        assert.ok(difference <= LARGEST_DIFFERENCE, `${depth} differs by ${difference}`);
      }
    });
  }
});

function readLayout({ layout, tensors, gain }: Reference, backbone: Backbone): RawWeights {
  const classifier = layout === 'torchvision' ? TORCHVISION_CLASSIFIER : TIMM_CLASSIFIER;
  const kept = tensors.filter(([name]) => !classifier.test(name) && !/count$|num_batches_tracked$/.test(name));
  const made = new Map(kept.map(([name, shape]) => [name, formulaTensor(name, shape, gain)]));
  if (layout === 'keras') return made;
  const names = layout === 'torchvision' ? torchvisionNames(backbone) : timmNames(backbone);
  return fromPyTorch(made, names, backbone.layers);
}
