import assert from 'node:assert/strict';
import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { tempDir } from '../../../../test/factories/tools.js';
import { Storage, type StorageReason } from './storage.js';

/** What a look finds, reason by reason. */
async function lookOf({
  diskFreeBytes = 0,
  dataDir = tempDir(),
  isLedgerBad = false,
  setCursor = (): Promise<void> => Promise.resolve(),
} = {}) {
  const storage = new Storage({ dataDir, diskFreeBytes, ledger: { setCursor, waitingMs: () => 0 } });
  const found: [StorageReason, string | null][] = [];
  await storage.look(isLedgerBad, (reason, problem) => found.push([reason, problem]));
  return found;
}

describe('a look at disk and ledger', () => {
  it('takes the bytes that are really free against the watermark', async () => {
    const dir = tempDir();
    const { bavail, bsize } = statfsSync(dir);
    assert.deepEqual(await lookOf({ dataDir: dir, diskFreeBytes: (bavail * bsize) / 2 }), [['DISK', null]]);
    const [[reason, problem] = []] = await lookOf({ dataDir: dir, diskFreeBytes: 2 * bavail * bsize });
    assert.equal(reason, 'DISK');
    assert.match(problem ?? '', /has less than \d+ bytes free/);
  });

  it('says so where the folder cannot be looked at', async () => {
    const [[, problem] = []] = await lookOf({ dataDir: join(tempDir(), 'gone') });
    assert.match(problem ?? '', /gone cannot be looked at: ENOENT/);
  });

  it('calls a ledger that was bad well again only when it takes a row', async () => {
    const full = () => Promise.reject(new Error('full'));
    assert.deepEqual(await lookOf({ isLedgerBad: true, setCursor: full }), [['DISK', null]]);
    assert.deepEqual(await lookOf({ isLedgerBad: true }), [
      ['DISK', null],
      ['LEDGER', null],
    ]);
  });

  it('sees at once that the ledger has not answered for more than 2 s', () => {
    const stallAt = (ms: number) =>
      new Storage({ dataDir: '/', diskFreeBytes: 0, ledger: { setCursor: async () => undefined, waitingMs: () => ms } })
        .stall;
    assert.equal(stallAt(2_000), null);
    assert.match(stallAt(2_001) ?? '', /its disk hangs/);
  });
});
