import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrozenCameras } from './frozen-cameras.js';

describe('a frozen camera', () => {
  it('is seen at the configured number of equal pictures and until another one comes; cameras apart', () => {
    const cameras = new FrozenCameras(() => 3);
    const seen = [1, 1, 1, 1, 2, 1, 1].map((pixels) => {
      cameras.isFrozen('cam2', 7);
      return cameras.isFrozen('cam1', pixels);
    });
    assert.deepEqual(seen, [false, false, true, true, false, false, false]);
    assert.equal(cameras.isFrozen('cam2', 7), true);
  });

  it('is nobody’s concern where it is switched off', () => {
    const cameras = new FrozenCameras(() => null);
    assert.ok([1, 1, 1, 1].every((pixels) => !cameras.isFrozen('cam1', pixels)));
  });
});
