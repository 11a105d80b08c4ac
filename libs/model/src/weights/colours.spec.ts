import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findBackbone } from '../backbones/find.js';
import { CENTRED_COLOURS, IMAGENET_COLOURS } from '../backbones/variant.js';
import { chooseColours } from './colours.js';
import { layoutsOf } from './layouts.js';

const choose = (network: string, variant: string, stated?: string) => {
  const row = layoutsOf(network, variant).find(({ layout }) => layout.startsWith('safetensors-'));
  assert.ok(row, `${network} (${variant})`);
  return chooseColours(findBackbone(network, variant), { row, stated });
};
const refusal = (message: RegExp) => ({ name: 'InputError', code: 'WEIGHTS_COLOURS', message });

describe('colours of weights', () => {
  it('have to be stated where timm publishes a network for several and its files tell none', () => {
    for (const variant of ['timm', 'timm-tf']) {
      assert.throws(
        () => choose('efficientnet-b3', variant),
        refusal(/efficientnet-b3 come with several scalings.*config\.json.*--colours: imagenet, minus-one-to-one/),
      );
      assert.deepEqual(choose('efficientnet-b3', variant, 'imagenet').normalise, IMAGENET_COLOURS);
      assert.deepEqual(choose('efficientnet-b3', variant, 'minus-one-to-one'), {
        normalise: CENTRED_COLOURS,
        colours: 'import',
      });
    }
  });

  it('are the library’s where it has one scaling, and can be stated otherwise', () => {
    assert.deepEqual(choose('resnet50', 'timm'), { normalise: IMAGENET_COLOURS, colours: 'library' });
    assert.deepEqual(choose('efficientnet-lite0', 'timm-tf').normalise, CENTRED_COLOURS);
    const own = choose('resnet50', 'torchvision', '0.5,0.4,0.3/0.2,0.2,0.1');
    assert.deepEqual(own, { normalise: { mean: [127.5, 102, 76.5], std: [51, 51, 25.5] }, colours: 'import' });
  });

  it('cannot be stated against the file or a library that reads blue first', () => {
    assert.throws(() => choose('efficientnet-b0', 'keras', 'imagenet'), refusal(/the file says.*Leave --colours out/));
    assert.throws(() => choose('vgg16', 'keras', 'imagenet'), refusal(/blue first.*Leave --colours out/));
    assert.equal(choose('efficientnet-b0', 'keras').colours, 'file');
  });

  for (const text of [
    'caffe',
    '',
    '0.5',
    '0.5,0.5,0.5',
    '127,127,127/1,1,1',
    '0.5,0.5,/1,1,1',
    '0,0,0/0,1,1',
    '0,0,0/1,1,1/1,1,1',
  ]) {
    it(`are no scaling: "${text}"`, () => {
      assert.throws(() => choose('resnet50', 'timm', text), refusal(/is no scaling of pictures 0\.\.1/));
    });
  }
});
