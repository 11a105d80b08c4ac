import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeArrival, makeVerdict } from '../../../../test/factories/frames.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { Ledger } from './ledger.js';
import { LedgerStore } from './ledger-store.js';

async function startLedger(file = join(tempDir(), 'ledger.sqlite')): Promise<Ledger> {
  const ledger = new Ledger((error) => assert.fail(error));
  await ledger.start(file);
  return ledger;
}

describe('the ledger', () => {
  it('gives a duplicate the first verdict, by frameId or by sequence number', async () => {
    const ledger = await startLedger();
    assert.deepEqual(await ledger.accept(makeArrival()), { kind: 'new' });
    assert.deepEqual(await ledger.accept(makeArrival()), { kind: 'duplicate', frameId: 'f1', verdict: null });
    await ledger.close({ verdict: makeVerdict(), picture: null });
    const byFrame = await ledger.accept(makeArrival({ seq: null, cameraBootId: null }));
    const bySequence = await ledger.accept(makeArrival({ frameId: 'another-id' }));
    assert.deepEqual(byFrame, { kind: 'duplicate', frameId: 'f1', verdict: makeVerdict() });
    assert.deepEqual(bySequence, byFrame);
    await ledger.stop();
  });

  it('calls it a conflict when another camera, boot or sequence number uses a frameId again', async () => {
    const ledger = await startLedger();
    await ledger.accept(makeArrival());
    for (const over of [{ camera: 'cam2' }, { seq: 2 }, { cameraBootId: 'camera-boot-2' }]) {
      assert.equal((await ledger.accept(makeArrival(over))).kind, 'conflict', JSON.stringify(over));
    }
    await ledger.stop();
  });

  it('refuses a second verdict and goes on', async () => {
    const ledger = await startLedger();
    await ledger.accept(makeArrival());
    const close = (verdict: 'PASS' | 'FAIL') => ledger.close({ verdict: makeVerdict({ verdict }), picture: null });
    const outcomes = await Promise.allSettled([
      close('FAIL'),
      close('PASS'),
      ledger.accept(makeArrival({ frameId: 'f2', seq: 2 })),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.equal((await ledger.verdictOf('f1'))?.verdict, 'FAIL');
    await ledger.stop();
  });

  it('finds after a restart what was accepted and never closed, until the boot is marked', async () => {
    const file = join(tempDir(), 'ledger.sqlite');
    const first = await startLedger(file);
    await first.accept(makeArrival());
    await first.accept(makeArrival({ frameId: 'f2', seq: 2 }));
    await first.close({ verdict: makeVerdict(), picture: 'a'.repeat(64) });
    await first.stop();
    const second = await startLedger(file);
    assert.deepEqual(
      (await second.openFrames()).map(({ frameId }) => frameId),
      ['f2'],
    );
    await second.markBoot('boot-2');
    assert.deepEqual(await second.openFrames(), []);
    assert.equal(await second.pictureOf('f1'), 'a'.repeat(64));
    assert.deepEqual(await second.lastSequences(['cam1', 'cam9']), [
      { camera: 'cam1', cameraBootId: 'camera-boot-1', seq: 2 },
    ]);
    await second.stop();
  });

  it('is read by cursor, oldest first, and remembers how far a reader got', async () => {
    const ledger = await startLedger();
    for (const frameId of ['a', 'b', 'c']) {
      await ledger.accept(makeArrival({ frameId, seq: null }));
      await ledger.close({ verdict: makeVerdict({ frameId }), picture: null });
    }
    const [first, second] = await ledger.readAfter({ row: 0, limit: 2 });
    assert.deepEqual([first?.verdict.frameId, second?.verdict.frameId], ['a', 'b']);
    await ledger.setCursor({ reader: 'record', row: second?.row ?? 0 });
    const rest = await ledger.readAfter({ row: await ledger.cursor('record'), limit: 10 });
    assert.deepEqual(
      rest.map(({ verdict }) => verdict.frameId),
      ['c'],
    );
    await ledger.stop();
  });

  it('cannot be rewritten, by its own rules', async () => {
    const store = await LedgerStore.open(join(tempDir(), 'ledger.sqlite'));
    await store.accept(makeArrival());
    for (const sql of [`UPDATE "ledger" SET "body" = '{}'`, 'DELETE FROM "ledger"']) {
      await assert.rejects(
        store.transaction(() => store['runner'].query(sql)),
        { code: 'LEDGER_WRITE', message: /append-only/ },
      );
    }
    await store.stop();
  });

  it('says LEDGER_OPEN when its folder is not there for it', async () => {
    const file = join(tempDir(), 'a-file');
    writeFileSync(file, '');
    await assert.rejects(startLedger(join(file, 'ledger.sqlite')), { code: 'LEDGER_OPEN' });
  });

  it('fails every call once stopped', async () => {
    const ledger = await startLedger();
    await ledger.stop();
    await assert.rejects(ledger.accept(makeArrival()), { code: 'LEDGER_WRITE' });
  });
});
