import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, it } from 'node:test';
import { type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { model } from '@tensorflow/tfjs-layers';
import { findBackbone } from '#model/backbones/find';
import { chooseBackend } from '#model/backend/choose';
import { buildBase } from '#model/network';
import { LITE0_WEIGHTS } from '#model/weights/record';
import { readSafetensors } from '#model/weights/safetensors';
import { loadWeights } from '#model/weights/store';
import { fillModel } from '#model/weights/weight-map';

const lite0 = findBackbone('efficientnet-lite0');

// Reference: efficientnet-lite-pytorch 0.1.0 on CPU; input (sin(20x)cos(13y)+1)/2 mapped to [-1, 1].
const GOLDEN = new URL('../../../test/golden/efficientnet-lite0.golden.safetensors', import.meta.url);

describe('EfficientNet-Lite0 with ImageNet weights', () => {
  before(() => chooseBackend('wasm'));

  it('equals the reference at stem, last block, features and embedding within 1e-4 of the largest value', async () => {
    const golden = readSafetensors(await readFile(GOLDEN));
    const base = buildBase(lite0, { height: 224, width: 224 });
    fillModel(base, await loadWeights(LITE0_WEIGHTS));
    const depths = {
      stem_nhwc: 'stem_conv',
      last_block_nhwc: 'block7a_project_conv',
      features_nhwc: 'top_conv',
      embedding: 'embedding',
    };
    const taps = model({
      inputs: base.inputs,
      outputs: Object.values(depths).flatMap((name) => base.getLayer(name).output),
    });
    const picture = golden.get('input_nhwc');
    assert.ok(picture);
    const outputs = tidy(() => taps.predict(tensor(picture.data, [...picture.shape])) as Tensor[]);
    for (const [i, [name, layer]] of Object.entries(depths).entries()) {
      const expected = golden.get(name);
      const actual = outputs[i]?.dataSync();
      assert.ok(expected && actual && actual.length === expected.data.length, `${layer} has the reference's shape`);
      let largest = 0;
      let difference = 0;
      for (let at = 0; at < actual.length; at++) {
        largest = Math.max(largest, Math.abs(expected.data[at] ?? 0));
        difference = Math.max(difference, Math.abs((actual[at] ?? Number.NaN) - (expected.data[at] ?? 0)));
      }
      assert.ok(difference <= 1e-4 * largest, `${layer}: ${difference} of ${largest}`);
    }
  });
});
