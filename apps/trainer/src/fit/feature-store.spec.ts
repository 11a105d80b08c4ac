import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { tempDir } from '../../../../test/factories/tools.js';
import { FeatureStore, readRecord } from './feature-store.js';

const shape = { embedding: 3, cut: 2 };

describe('FeatureStore', () => {
  it('gives back what was put, to half precision, each part alone', async () => {
    const store = new FeatureStore(tempDir(), { shape, network: 'n' });
    const file = store.fileOf('ab'.repeat(32), 'plain');
    assert.equal(await store.has(file), false);
    await store.put(file, { embedding: Float32Array.of(0.1, -2, 65_504), cut: Float32Array.of(1e-3, 6) });
    assert.equal(await store.has(file), true);
    const read = new Float32Array(6);
    readRecord(file, { shape, part: 'embedding', into: read, offset: 1 });
    readRecord(file, { shape, part: 'cut', into: read, offset: 4 });
    const expected = [0, 0.1, -2, 65_504, 1e-3, 6];
    for (const [i, value] of expected.entries())
      assert.ok(Math.abs((read[i] ?? 0) - value) <= Math.abs(value) * 1e-3, `${i}: ${read[i]}`);
  });

  it('keeps other networks, preprocessing and variants apart', async () => {
    const dir = tempDir();
    const names = [
      new FeatureStore(dir, { shape, network: { cut: 9 } }).fileOf('aa', 'plain'),
      new FeatureStore(dir, { shape, network: { cut: 12 } }).fileOf('aa', 'plain'),
      new FeatureStore(dir, { shape, network: { cut: 9 } }).fileOf('aa', 'mirror'),
    ];
    assert.equal(new Set(names).size, 3);
  });

  for (const value of [70_000, Number.NaN, Number.NEGATIVE_INFINITY]) {
    it(`refuses ${value}, which half precision does not hold: FEATURES_RANGE`, async () => {
      const store = new FeatureStore(tempDir(), { shape, network: 'n' });
      const file = store.fileOf('ab'.repeat(32), 'plain');
      const record = { embedding: Float32Array.of(1, 2, 3), cut: Float32Array.of(1, value) };
      await assert.rejects(store.put(file, record), { code: 'FEATURES_RANGE', message: /variant/ });
      assert.equal(await store.has(file), false);
    });
  }

  it('refuses a record of another length, naming the file', async () => {
    const file = join(tempDir(), 'short.f16');
    await writeFile(file, new Uint8Array(4));
    assert.throws(() => readRecord(file, { shape, part: 'cut', into: new Float32Array(2), offset: 0 }), {
      code: 'FEATURES_BROKEN',
      message: /short\.f16/,
    });
  });
});
