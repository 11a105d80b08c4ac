import assert from 'node:assert/strict';
import { renameSync, statfsSync, writeFileSync } from 'node:fs';
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
  const storage = new Storage({
    dataDir,
    diskFreeBytes,
    ledgerFile: dataDir,
    ledger: { setCursor, waitingMs: () => 0 },
  });
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

  it('promise 4: sees that the ledger was moved, removed or replaced under it: SQLite would write on where no start finds it', async () => {
    const dataDir = tempDir();
    const ledgerFile = join(dataDir, 'ledger.sqlite');
    writeFileSync(ledgerFile, 'records');
    const ledger = { setCursor: async () => undefined, waitingMs: () => 0 };
    const storage = new Storage({ dataDir, diskFreeBytes: 0, ledgerFile, ledger });
    const problem = async (): Promise<string | null | undefined> => {
      let told: string | null | undefined;
      await storage.look(true, (reason, found) => {
        if (reason === 'LEDGER') told = found;
      });
      return told;
    };
    assert.equal(await problem(), null);
    renameSync(ledgerFile, `${ledgerFile}.old`);
    assert.match(
      (await problem()) ?? '',
      /ledger\.sqlite was moved or removed under the running inspector.*Put it back/,
    );
    writeFileSync(ledgerFile, 'others');
    assert.match((await problem()) ?? '', /was replaced/);
    renameSync(`${ledgerFile}.old`, ledgerFile);
    assert.equal(await problem(), null);
  });

  it('sees at once that the ledger has not answered for more than 2 s', () => {
    const stallAt = (ms: number) =>
      new Storage({
        dataDir: '/',
        diskFreeBytes: 0,
        ledgerFile: '/',
        ledger: { setCursor: async () => undefined, waitingMs: () => ms },
      }).stall;
    assert.equal(stallAt(2_000), null);
    assert.match(stallAt(2_001) ?? '', /its disk hangs/);
  });
});
