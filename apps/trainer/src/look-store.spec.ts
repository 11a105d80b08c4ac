import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { readDataset } from '#model/dataset/dataset';
import { verifyPictures } from '#model/dataset/pictures';
import type { VerifiedDataset } from '#model/dataset/sample';
import { redPicture } from '../../../test/factories/artefact.js';
import { makeDataDir } from '../../../test/factories/labelled-pictures.js';
import { tempDir } from '../../../test/factories/tools.js';
import { LookStore } from './look-store.js';

const PATHS = ['good/a.png', 'good/b.png', 'defect/c.png'];

/** What a run sees that opens pictures with a cache. */
async function see(data: string, cacheDir: string): Promise<VerifiedDataset> {
  const looks = await LookStore.open(cacheDir);
  return verifyPictures(await readDataset({ dir: data }), { maxPixels: 1e6, looks }).finally(() => looks.close());
}

/** Pictures in every shard. */
function shardsOf(cacheDir: string): number[] {
  const dir = join(cacheDir, 'looks-2');
  const indexes = readdirSync(dir).filter((file) => file.endsWith('.index'));
  return indexes.map((file) => readFileSync(join(dir, file), 'utf8').split('\n').length).sort((a, b) => b - a);
}

function change(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8');
  assert.ok(text.includes(from), text);
  writeFileSync(file, text.replace(from, to));
}

describe('what pictures look like', () => {
  it('is measured once: a second run finds it, a new picture alone is decoded', async () => {
    const [data, cacheDir] = [await makeDataDir(PATHS), tempDir()];
    const first = await see(data, cacheDir);
    assert.deepEqual(shardsOf(cacheDir), [3]);
    assert.deepEqual(await see(data, cacheDir), first);
    assert.deepEqual(shardsOf(cacheDir), [3]);
    writeFileSync(join(data, 'good/d.png'), await redPicture(77));
    const { samples } = await see(data, cacheDir);
    assert.deepEqual([samples.length, shardsOf(cacheDir)], [4, [3, 1]]);
  });

  it('is compared once: a second run finds which pictures show one thing, a new picture makes it look anew', async () => {
    const [data, cacheDir] = [await makeDataDir(PATHS), tempDir()];
    const first = await see(data, cacheDir);
    const kept = readdirSync(join(cacheDir, 'looks-2')).filter((file) => file.endsWith('.json'));
    assert.equal(kept.length, 1);
    const file = join(cacheDir, 'looks-2', kept[0] ?? '');
    const found = [{ first: 0, second: 1, likeness: 0.999, orientation: 'mirrored' }];
    writeFileSync(file, JSON.stringify({ check: crc32(JSON.stringify(found)), found }));
    const told = (await see(data, cacheDir)).twins;
    assert.deepEqual(told, [{ first: 'defect/c.png', second: 'good/a.png', likeness: 0.999, orientation: 'mirrored' }]);
    writeFileSync(join(data, 'good/d.png'), await redPicture(77));
    assert.deepEqual((await see(data, cacheDir)).twins, first.twins);
  });

  it('is measured and compared anew where the disk gives back nothing that can be read', async () => {
    const data = await makeDataDir(PATHS);
    for (const [ending, damage] of [
      ['.json', (file: string) => writeFileSync(file, '')],
      ['.json', (file: string) => writeFileSync(file, '{"first": 0}')],
      ['.index', (file: string) => writeFileSync(file, '\0\0')],
      ['.json', (file: string) => change(file, '"found":[]', '"found":[1]')],
      ['.index', (file: string) => change(file, '"exposure":', '"exposure":1')],
      ['.index', (file: string) => change(file, '\n', ' ')],
      ['.grey', (file: string) => rmSync(file)],
      ['.grey', (file: string) => writeFileSync(file, readFileSync(file).fill(7, 40, 41))],
    ] as const) {
      const cacheDir = tempDir();
      const first = await see(data, cacheDir);
      const dir = join(cacheDir, 'looks-2');
      damage(join(dir, readdirSync(dir).find((file) => file.endsWith(ending)) ?? ''));
      assert.deepEqual(await see(data, cacheDir), first, ending);
    }
  });

  it('is measured anew where a picture has other bytes, and where a shard lost its end', async () => {
    const [data, cacheDir] = [await makeDataDir(PATHS), tempDir()];
    const first = await see(data, cacheDir);
    const dir = join(cacheDir, 'looks-2');
    const [grey = ''] = readdirSync(dir).filter((file) => file.endsWith('.grey'));
    writeFileSync(join(dir, grey), readFileSync(join(dir, grey)).subarray(0, 2 * 4096));
    assert.deepEqual(await see(data, cacheDir), first);
    assert.deepEqual(shardsOf(cacheDir), [3, 1]);
    writeFileSync(join(data, 'good/a.png'), await redPicture(78));
    const changed = (await see(data, cacheDir)).samples.find(({ path }) => path === 'good/a.png');
    assert.notDeepEqual(changed?.look, first.samples.find(({ path }) => path === 'good/a.png')?.look);
  });
});
