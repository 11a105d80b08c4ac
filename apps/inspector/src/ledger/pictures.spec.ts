import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeVerdict } from '../../../../test/factories/frames.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { PictureStore } from './pictures.js';
import type { CloseRequest } from './rows.js';

const BYTES = Buffer.from('a picture');
const HASH = createHash('sha256').update(BYTES).digest('hex');

/** A frame that its camera calls by a hash of its own. */
const HASH_AS_NAME = 'a'.repeat(64);

function makeStore({ keepPass = 0, dir = join(tempDir(), 'pictures'), record = async (_: CloseRequest) => {} } = {}) {
  const told: (string | null)[] = [];
  const hashOf = async (frameId: string) => (['f1', HASH_AS_NAME].includes(frameId) ? HASH : null);
  const store = new PictureStore({
    dir,
    keepPass,
    isHeld: (lot) => lot === 'held',
    hashOf,
    record,
    onKept: (problem) => told.push(problem),
  });
  return { store, told, dir };
}

describe('kept pictures', () => {
  it('are every reject, and of the passes the configured share, by the frame and not by chance', () => {
    const frames = Array.from({ length: 2_000 }, (_, i) => ({ frameId: `f${i}`, bytes: BYTES, lot: null }));
    const { store } = makeStore({ keepPass: 0.1 });
    for (const verdict of ['FAIL', 'INCONCLUSIVE'] as const) {
      assert.ok(frames.every((frame) => store.choose(frame, { verdict }) === HASH));
    }
    const chosen = () => frames.filter((frame) => store.choose(frame, { verdict: 'PASS' }) !== null);
    assert.deepEqual(chosen(), chosen());
    assert.ok(chosen().length > 150 && chosen().length < 250, `${chosen().length} of 2000`);
    assert.ok(frames.every((frame) => store.choose({ ...frame, lot: 'held' }, { verdict: 'PASS' }) === HASH));
    assert.equal(store.choose({ frameId: 'empty', bytes: Buffer.alloc(0), lot: null }, { verdict: 'FAIL' }), null);
  });

  it('are found by content hash and by frame', async () => {
    const { store, told } = makeStore();
    await store.start();
    await store.keep(HASH, BYTES);
    assert.deepEqual(told, [null]);
    for (const key of [HASH, 'f1', HASH_AS_NAME]) assert.deepEqual(await store.read(key), BYTES);
    assert.equal(await store.read('f2'), null);
    assert.equal(await store.read('0'.repeat(64)), null);
  });

  it('of a frame that was recorded as a pass are recorded before they are written, or lost where the ledger refuses', async () => {
    const verdict = makeVerdict({ verdict: 'PASS' });
    const recorded: CloseRequest[] = [];
    const { store, told } = makeStore({ record: async (kept) => void recorded.push(kept) });
    await store.start();
    await store.keepLater(verdict, BYTES);
    await store.keepLater(verdict, Buffer.alloc(0));
    assert.deepEqual(recorded, [{ verdict, picture: HASH }]);
    assert.deepEqual(told, [null]);
    assert.deepEqual(await store.read(HASH), BYTES);
    const refused = makeStore({ record: () => Promise.reject(new Error('disk full')) });
    await refused.store.start();
    await refused.store.keepLater(verdict, BYTES);
    assert.deepEqual(refused.told, ['disk full']);
    assert.equal(await refused.store.read(HASH), null);
  });

  it('that cannot be written are told, not thrown', async () => {
    const { store, told, dir } = makeStore();
    await store.start();
    rmSync(dir, { recursive: true });
    writeFileSync(dir, 'no folder any more');
    await store.keep(HASH, BYTES);
    await store.keep('f'.repeat(64), BYTES);
    assert.equal(told.length, 2);
    assert.match(String(told[0]), /pictures takes no pictures: (ENOTDIR|EEXIST)$/);
    assert.equal(told[1], told[0], 'the same of every picture');
  });

  it('that come faster than the disk takes them are told as lost, until it has room again', async () => {
    const { store, told } = makeStore();
    await store.start();
    await Promise.all(Array.from({ length: 40 }, () => store.keep(HASH, BYTES)));
    assert.deepEqual(
      [told.filter((problem) => problem === null).length, new Set(told).size, told[0]],
      [32, 2, 'more pictures come than the disk takes'],
    );
    await store.keep(HASH, BYTES);
    assert.equal(told.at(-1), null);
  });

  it('that cannot be read are an error of the disk, not of ours: PICTURES_READ', async () => {
    const { store, dir } = makeStore();
    writeFileSync(dir, 'no folder');
    await assert.rejects(store.read(HASH), { code: 'PICTURES_READ', message: /Check the folder and its disk/ });
  });

  it('need their folder: PICTURES_OPEN', async () => {
    const file = join(tempDir(), 'file');
    writeFileSync(file, '');
    await assert.rejects(makeStore({ dir: join(file, 'pictures') }).store.start(), { code: 'PICTURES_OPEN' });
  });
});
