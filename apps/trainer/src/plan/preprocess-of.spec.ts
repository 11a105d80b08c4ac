import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findBackbone } from '#model/backbones/find';
import { preprocessOf } from './preprocess-of.js';
import { readPlan } from './read-plan.js';

describe('the size of the network’s input', () => {
  const sizeOf = async (network: string, settings: Record<string, string> = {}) => {
    const { resize } = preprocessOf(await readPlan(undefined, settings), findBackbone(network));
    return [resize.width, resize.height];
  };

  it('is what the network was trained at, where the plan names none', async () => {
    assert.deepEqual(await sizeOf('efficientnet-lite0'), [224, 224]);
    assert.deepEqual(await sizeOf('efficientnet-lite2'), [260, 260]);
    assert.deepEqual(await sizeOf('efficientnet-b1', { 'resize.policy': 'crop' }), [240, 240]);
  });

  it('is the plan’s, side by side', async () => {
    assert.deepEqual(await sizeOf('vgg16', { 'resize.width': '96' }), [96, 224]);
    assert.deepEqual(await sizeOf('vgg16', { resize: '{ width: 64, height: 48 }' }), [64, 48]);
  });
});
