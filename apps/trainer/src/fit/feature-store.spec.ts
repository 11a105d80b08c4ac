import assert from 'node:assert/strict';
import { appendFile, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { tempDir } from '../../../../test/factories/tools.js';
import { FeatureReader } from './feature-reader.js';
import { type FeatureRecord, FeatureStore, RECORDS_PER_SHARD } from './feature-store.js';

const shape = { embedding: 3, cut: 2 };
const of = { shape, network: 'n' };
const record = (n: number, view = 'plain-0'): FeatureRecord => ({
  pictureSha256: n.toString(16).padStart(64, '0'),
  view,
  embedding: Float32Array.of(n, n + 1, n + 2),
  cut: Float32Array.of(-n, 6),
});

/** Write records in one go and end. */
async function write(dir: string, records: readonly FeatureRecord[]): Promise<FeatureStore> {
  const store = await FeatureStore.open(dir, of);
  await store.append(records);
  await store.close();
  return store;
}

async function readBack(store: FeatureStore, records: readonly FeatureRecord[]): Promise<Float32Array[]> {
  const numbers = records.map((one) => store.find(one) ?? -1);
  return Promise.all(
    (['embedding', 'cut'] as const).map(async (part) => {
      const reader = new FeatureReader(store.layout, part);
      return reader.read(numbers).finally(() => reader.close());
    }),
  );
}

/** The one file with this ending. */
async function fileIn(dir: string, ending: string): Promise<string> {
  const [file] = (await readdir(dir, { recursive: true })).filter((name) => name.endsWith(ending));
  return join(dir, file ?? '');
}

/** As a disk that fails may give it back. */
async function flipBit(file: string, at: number): Promise<void> {
  const bytes = await readFile(file);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  await writeFile(file, bytes);
}

describe('FeatureStore', () => {
  it('gives back what was put, each part alone, in the order asked, now and when it is opened again', async () => {
    const dir = tempDir();
    const records = [record(1), record(2), record(2, 'mirror-0'), record(3)];
    const written = await write(dir, records);
    const asked = [record(3), record(1)];
    for (const store of [written, await FeatureStore.open(dir, of)]) {
      const [embedding, cut] = await readBack(store, asked);
      assert.deepEqual(embedding, Float32Array.of(3, 4, 5, 1, 2, 3));
      assert.deepEqual(cut, Float32Array.of(-3, 6, -1, 6));
      assert.equal(store.find(record(4)), undefined);
      assert.equal(store.find(record(1, 'mirror-0')), undefined);
    }
  });

  it('keeps to the last digit what is asked for in single precision', async () => {
    const dir = tempDir();
    const single = { shape: { ...shape, pooled: 2 }, network: 'n' };
    const store = await FeatureStore.open(dir, single);
    const values = (n: number) => Float32Array.of(n / 3, 1e-7 * n);
    await store.append([1, 2, 3].map((n) => ({ ...record(n), pooled: values(n) })));
    await store.overwrite(1, [{ ...record(2), pooled: values(7) }]);
    await store.close();
    const reader = new FeatureReader((await FeatureStore.open(dir, single)).layout, 'pooled');
    assert.deepEqual(await reader.read([2, 1]), Float32Array.of(...values(3), ...values(7)));
    reader.close();
  });

  it('writes over the records that are named and no others', async () => {
    const dir = tempDir();
    const store = await write(dir, [record(1), record(2), record(3)]);
    await store.overwrite(1, [{ ...record(2), embedding: Float32Array.of(7, 8, 9) }]);
    const [embedding] = await readBack(store, [record(1), record(2), record(3)]);
    assert.deepEqual(embedding, Float32Array.of(1, 2, 3, 7, 8, 9, 3, 4, 5));
  });

  it('writes over records on both sides of the end of a shard', async () => {
    const records = Array.from({ length: RECORDS_PER_SHARD + 2 }, (_, i) => record(i % 1000, `v-${i}`));
    const store = await write(tempDir(), records);
    const edge = records.slice(-4);
    const changed = edge.map((one, i) => ({ ...one, embedding: Float32Array.of(i, 1, 1) }));
    await store.overwrite(RECORDS_PER_SHARD - 1, changed.slice(1));
    const [embedding] = await readBack(store, edge);
    const untouched = edge[0]?.embedding ?? [];
    assert.deepEqual([...(embedding ?? [])], [...untouched, 1, 1, 1, 2, 1, 1, 3, 1, 1]);
  });

  it('goes on in another shard when one is full', async () => {
    const dir = tempDir();
    const records = Array.from({ length: RECORDS_PER_SHARD + 2 }, (_, i) => record(i % 1000, `v-${i}`));
    const written = await write(dir, records);
    assert.equal(written.layout.shards.length, 2);
    for (const store of [written, await FeatureStore.open(dir, of)]) {
      const [embedding] = await readBack(store, records.slice(-3));
      assert.deepEqual(
        [...(embedding ?? [])],
        records.slice(-3).flatMap((one) => [...one.embedding]),
      );
    }
  });

  it('makes its folder anew where somebody removed the cache since it was opened', async () => {
    const dir = tempDir();
    const store = await FeatureStore.open(dir, of);
    await rm(dir, { recursive: true });
    await store.append([record(1)]);
    await store.close();
    assert.deepEqual((await readBack(store, [record(1)]))[0], Float32Array.of(1, 2, 3));
  });

  it('keeps other networks and preprocessing apart', async () => {
    const dir = tempDir();
    await write(dir, [record(1)]);
    assert.equal((await FeatureStore.open(dir, { shape, network: 'other' })).find(record(1)), undefined);
  });

  it('lets two runs write side by side, neither seeing half of the other', async () => {
    const dir = tempDir();
    const stores = [await FeatureStore.open(dir, of), await FeatureStore.open(dir, of)];
    await Promise.all(stores.map((store, i) => store.append([record(i), record(9)])));
    await Promise.all(stores.map((store) => store.close()));
    const later = await FeatureStore.open(dir, of);
    const [embedding] = await readBack(later, [record(0), record(1), record(9)]);
    assert.deepEqual(embedding, Float32Array.of(0, 1, 2, 1, 2, 3, 9, 10, 11));
  });

  const crashes: [string, (dir: string) => Promise<void>][] = [
    ['an index line that was cut short', async (dir) => appendFile(await fileIn(dir, '.index'), 'ab'.repeat(20))],
    ['values that never reached the disk', async (dir) => truncate(await fileIn(dir, '.cut'), 2 * (2 * 2 + 4) + 1)],
  ];
  for (const [what, crash] of crashes) {
    it(`counts a record whole or not at all: ${what}`, async () => {
      const dir = tempDir();
      await write(dir, [record(1), record(2), record(3)]);
      await crash(dir);
      const store = await FeatureStore.open(dir, of);
      const [embedding] = await readBack(store, [record(1), record(2)]);
      assert.deepEqual(embedding, Float32Array.of(1, 2, 3, 2, 3, 4));
      assert.equal(store.find(record(3)) === undefined, what.startsWith('values'));
      await store.append([record(7)]);
      await store.close();
      assert.deepEqual((await readBack(await FeatureStore.open(dir, of), [record(7)]))[1], Float32Array.of(-7, 6));
    });
  }

  it('counts no record whose index line was changed, nor any whose values are gone', async () => {
    const records = [record(1), record(2), record(3)];
    const found = async (damage: (dir: string) => Promise<void>) => {
      const dir = tempDir();
      await write(dir, records);
      await damage(dir);
      const store = await FeatureStore.open(dir, of);
      const left = records.filter((one) => store.find(one) !== undefined);
      const [embedding] = await readBack(store, left);
      assert.deepEqual(
        [...(embedding ?? [])],
        left.flatMap((one) => [...one.embedding]),
      );
      return left.length;
    };
    for (const [from, to] of [
      ['\n', ' '],
      ['0001 plain-0 0', '0001 plain-1 0'],
      ['plain-0 1', 'plain-0 2'],
    ] as const) {
      const change = async (dir: string): Promise<void> => {
        const file = await fileIn(dir, '.index');
        await writeFile(file, (await readFile(file, 'latin1')).replace(from, to));
      };
      assert.equal(await found(change), from === '\n' ? 1 : 2, to);
    }
    assert.equal(await found(async (dir) => rm(await fileIn(dir, '.cut'))), 0);
  });

  for (const value of [70_000, Number.NaN, Number.NEGATIVE_INFINITY]) {
    it(`refuses ${value}, which half precision does not hold: FEATURES_RANGE`, async () => {
      const store = await FeatureStore.open(tempDir(), of);
      for (const part of [{ cut: Float32Array.of(1, value) }, { embedding: Float32Array.of(1, value, 1) }]) {
        const wrong = { ...record(1), ...part };
        await assert.rejects(store.append([wrong]), { code: 'FEATURES_RANGE', message: /variant/ });
        assert.equal(store.find(wrong), undefined);
      }
      await assert.rejects(store.overwrite(0, [{ ...record(1), embedding: Float32Array.of(1, value, 1) }]), {
        code: 'FEATURES_RANGE',
      });
    });
  }
});

describe('FeatureReader', () => {
  it('gives what it was told to expect, and anything else as well', async () => {
    const store = await write(tempDir(), [record(1), record(2), record(3)]);
    const reader = new FeatureReader(store.layout, 'embedding');
    reader.expect([0, 1]);
    reader.expect([2]);
    assert.deepEqual(await reader.read([0, 1]), Float32Array.of(1, 2, 3, 2, 3, 4));
    assert.deepEqual(await reader.read([1]), Float32Array.of(2, 3, 4));
    assert.deepEqual(await reader.read([2]), Float32Array.of(3, 4, 5));
    reader.close();
  });

  it('keeps what never changes and reads again what is written over', async () => {
    const store = await write(tempDir(), [record(1), record(2)]);
    const steady = new FeatureReader(store.layout, 'embedding');
    const changing = new FeatureReader({ ...store.layout, changing: 1 }, 'embedding');
    for (const reader of [steady, changing]) assert.deepEqual(await reader.read([1]), Float32Array.of(2, 3, 4));
    await store.overwrite(1, [{ ...record(2), embedding: Float32Array.of(7, 8, 9) }]);
    assert.deepEqual(await steady.read([1, 0]), Float32Array.of(2, 3, 4, 1, 2, 3));
    assert.deepEqual(await changing.read([1, 0]), Float32Array.of(7, 8, 9, 1, 2, 3));
    for (const reader of [steady, changing]) reader.close();
  });

  it('names a shard that is gone, shorter than its index says, or no longer as it was written: FEATURES_BROKEN', async () => {
    const dir = tempDir();
    const { layout } = await write(dir, [record(1), record(2)]);
    await truncate(await fileIn(dir, '.cut'), 5);
    const short = new FeatureReader(layout, 'cut');
    await assert.rejects(short.read([1]), { code: 'FEATURES_BROKEN', message: /\.cut .*0 of 8 bytes/ });
    short.close();
    await flipBit(await fileIn(dir, '.embedding'), 12);
    const changed = new FeatureReader(layout, 'embedding');
    assert.deepEqual(await changed.read([0]), Float32Array.of(1, 2, 3));
    await assert.rejects(changed.read([0, 1]), { code: 'FEATURES_BROKEN', message: /other values than were written/ });
    changed.close();
    const gone = new FeatureReader({ ...layout, shards: [join(dir, 'gone')] }, 'cut');
    await assert.rejects(gone.read([0]), { code: 'FEATURES_BROKEN', message: /gone\.cut/ });
  });
});
