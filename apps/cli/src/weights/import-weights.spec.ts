import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { KNOWN_WEIGHTS } from '#model/weights/known';
import { tempDir } from '../../../../test/factories/tools.js';
import { importWeights } from './import-weights.js';

const [known] = KNOWN_WEIGHTS;
assert.ok(known !== undefined);

describe('importing weights', () => {
  it('puts a known checkpoint where trainings find it, once', async () => {
    const dir = tempDir();
    const source = join(dir, 'downloaded.safetensors');
    copyFileSync(known.file, source);
    const rows = [{ ...known, file: pathToFileURL(join(dir, 'store', 'lite0.safetensors')) }];
    assert.deepEqual(await importWeights(source, rows), { id: known.id, isNew: true });
    assert.deepEqual(await importWeights(source, rows), { id: known.id, isNew: false });
    assert.ok(readFileSync(join(dir, 'store', 'lite0.safetensors')).equals(readFileSync(source)));
  });

  it('refuses what is no checkpoint, naming the file: WEIGHTS_UNREADABLE', async () => {
    const file = join(tempDir(), 'weights.safetensors');
    await assert.rejects(importWeights(file), { code: 'WEIGHTS_UNREADABLE', message: /weights\.safetensors/ });
    writeFileSync(file, 'not weights at all');
    await assert.rejects(importWeights(file), { code: 'WEIGHTS_UNREADABLE', message: /weights\.safetensors/ });
  });

  it('refuses a readable checkpoint nobody knows: WEIGHTS_UNKNOWN', async () => {
    const file = join(tempDir(), 'other.safetensors');
    const header = Buffer.from('{}      ');
    writeFileSync(file, Buffer.concat([Buffer.from([header.length, 0, 0, 0, 0, 0, 0, 0]), header]));
    await assert.rejects(importWeights(file), { name: 'RefusedError', code: 'WEIGHTS_UNKNOWN', message: /licence/ });
  });
});
