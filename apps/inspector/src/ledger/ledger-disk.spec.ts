import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import Database from 'better-sqlite3';
import { makeArrival } from '../../../../test/factories/frames.js';
import { mountSmallDisk, whyNoSmallDisk } from '../../../../test/factories/small-disk.js';
import { LedgerStore } from './ledger-store.js';

/** Large enough that every commit needs room of its own. */
const LOT = 'x'.repeat(8_000);

describe('the ledger on a disk that was full', { skip: whyNoSmallDisk() }, () => {
  it('keeps every frame it accepts afterwards, for everybody to read, and lets go of its lock', async () => {
    const disk = mountSmallDisk(4);
    const file = join(disk.dir, 'ledger.sqlite');
    const store = await LedgerStore.open(file);
    let number = 0;
    const kept: string[] = [];
    const accept = async (): Promise<void> => {
      number += 1;
      const arrival = makeArrival({ frameId: `f${number}`, seq: number, lot: LOT });
      await store.transaction(() => store.accept(arrival));
      kept.push(arrival.frameId);
    };
    await accept();
    disk.fill();
    // Refused again and again, as frames keep coming.
    for (let refused = 0; refused < 3; )
      await accept().catch((error) => {
        assert.equal(error.code, 'LEDGER_WRITE');
        refused += 1;
      });
    disk.free();
    for (let i = 0; i < 3; i++) await accept();
    const other = new Database(file, { timeout: 0 });
    const rows = other.prepare(`SELECT "frameId" FROM "ledger" WHERE "kind" = 'accepted' ORDER BY "row"`).all();
    assert.deepEqual(
      rows,
      kept.map((frameId) => ({ frameId })),
    );
    other.exec('BEGIN IMMEDIATE; ROLLBACK');
    other.close();
    await store.stop();
  });

  it('begins anew where its first start had no room', async () => {
    const disk = mountSmallDisk(4);
    const file = join(disk.dir, 'ledger.sqlite');
    disk.fill();
    await assert.rejects(LedgerStore.open(file), { code: 'LEDGER_OPEN' });
    disk.free();
    await (await LedgerStore.open(file)).stop();
  });
});
