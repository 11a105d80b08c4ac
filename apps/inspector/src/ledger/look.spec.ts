import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { makeArrival, makeVerdict } from '../../../../test/factories/frames.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { compareLedgers } from '../shadow/compare-ledgers.js';
import { lookIntoLedger } from './ledger-file.js';
import { LedgerStore } from './ledger-store.js';
import { lookIntoPlant } from './plant-database.js';
import { PlantStore } from './plant-store.js';

/** A ledger with one frame that is open, and what is beside it. */
async function openLedger(): Promise<{ store: LedgerStore; file: string }> {
  const file = join(tempDir(), 'ledger.sqlite');
  const store = await LedgerStore.open(file);
  await store.accept(makeArrival());
  await store.close({ verdict: makeVerdict({ frameId: 'f1' }), picture: null });
  return { store, file };
}

/** Of an inspector that ended well. */
async function writeLedger(): Promise<string> {
  const { store, file } = await openLedger();
  await store.stop();
  return file;
}

/** Of one that was killed: its last commits wait beside it. */
async function writeCutLedger(): Promise<string> {
  const { store, file } = await openLedger();
  const cut = join(tempDir(), 'ledger.sqlite');
  for (const end of ['', '-wal']) copyFileSync(file + end, cut + end);
  await store.stop();
  return cut;
}

/** Files and what is in them, without the index that SQLite makes of commits that wait. */
function contentOf(file: string): Record<string, string> {
  const names = readdirSync(dirname(file)).filter((name) => !name.endsWith('-shm'));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(dirname(file), name)).toString('base64')]));
}

describe('a look at what an inspector wrote', () => {
  it('leaves nothing beside its ledger, nor its plant database', async () => {
    const { store, file } = await openLedger();
    const plantFile = join(dirname(file), 'plant.sqlite');
    const place = { type: 'better-sqlite3', file: plantFile } as const;
    const plant = await PlantStore.open({ inspectorId: 'i1', ledgerFile: file, place });
    await plant.forward();
    await plant.stop();
    await store.stop();
    const before = contentOf(file);
    assert.equal(await lookIntoLedger(file), true);
    await lookIntoPlant(place);
    assert.deepEqual(readdirSync(dirname(file)).toSorted(), ['ledger.sqlite', 'plant.sqlite']);
    assert.deepEqual(contentOf(file), before);
  });

  it('leaves commits that wait where they are', async () => {
    const file = await writeCutLedger();
    const before = contentOf(file);
    assert.deepEqual(Object.keys(before), ['ledger.sqlite', 'ledger.sqlite-wal']);
    await lookIntoLedger(file);
    assert.deepEqual(contentOf(file), before);
  });

  for (const [words, writeLine, writeShadow] of [
    ['two that ended well', writeLedger, writeLedger],
    ['one that was killed and one that ended well', writeCutLedger, writeLedger],
    ['one that ended well and one that was killed', writeLedger, writeCutLedger],
  ] as const) {
    it(`and compares ${words}, and leaves them as they were`, async () => {
      const [line, shadow] = [await writeLine(), await writeShadow()];
      const before = [contentOf(line), contentOf(shadow)];
      assert.equal(compareLedgers({ line, shadow, limit: 1 }).frames, 1);
      assert.deepEqual([contentOf(line), contentOf(shadow)], before);
    });
  }
});
