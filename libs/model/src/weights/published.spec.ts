import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describePublished, recognisePublished } from './published.js';

describe('published files', () => {
  it('are known by their hash alone', () => {
    assert.equal(recognisePublished(new TextEncoder().encode('resnet50')), null);
    assert.deepEqual(describePublished('4d473c1dd8becc155b73f8504c6f6626'), {
      network: 'resnet50',
      file: 'resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5',
      rescalings: null,
    });
    assert.equal(
      describePublished('64373286793e3c8b2b4e3219cbf3544b')?.file,
      'vgg16_weights_tf_dim_ordering_tf_kernels.h5',
    );
  });

  it('of EfficientNet are scaled twice, as Keras builds the network for them', () => {
    const published = describePublished('50bc09e76180e00e4465e1a485ddc09d');
    assert.deepEqual(published, { network: 'efficientnet-b0', file: 'efficientnetb0_notop.h5', rescalings: 2 });
  });
});
