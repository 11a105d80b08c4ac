import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { loadInspectorConfig, plantAddress } from '#config';
import { findPlant } from '../../apps/cli/src/doctor/plant.js';
import { LedgerStore } from '../../apps/inspector/src/ledger/ledger-store.js';
import { PlantStore } from '../../apps/inspector/src/ledger/plant-store.js';
import { makeArrival, makeVerdict } from '../factories/frames.js';
import { type RunningPostgres, startPostgres } from '../factories/postgres.js';
import { requireTool, tempDir } from '../factories/tools.js';

const postgres = requireTool('postgres');

async function inspect(ledger: LedgerStore, frameId: string): Promise<void> {
  await ledger.accept(makeArrival({ frameId, seq: null }));
  await ledger.close({ verdict: makeVerdict({ frameId, partId: `part-${frameId}` }), picture: null });
}

async function openLedger(): Promise<{ ledger: LedgerStore; ledgerFile: string }> {
  const ledgerFile = join(tempDir(), 'ledger.sqlite');
  const ledger = await LedgerStore.open(ledgerFile);
  after(() => ledger.stop());
  return { ledger, ledgerFile };
}

const framesIn = async (server: RunningPostgres): Promise<string[]> =>
  (await server.rows<{ frameId: string }>('SELECT "frameId" FROM inspected_frame ORDER BY "ledgerRow"')).map(
    ({ frameId }) => frameId,
  );

describe('a PostgreSQL that asks for a password', { skip: postgres.skip, timeout: 120_000 }, () => {
  it('gets the one from the environment, whatever is in it: from the inspector and from the doctor', async () => {
    const password = 'p@ss w%41/ö?&+=#';
    const server = await startPostgres(postgres, password);
    const { ledger, ledgerFile } = await openLedger();
    await inspect(ledger, 'a');
    const place = { type: 'postgres', url: plantAddress(server.url, password) } as const;
    const plant = await PlantStore.open({ inspectorId: 'i1', ledgerFile, place });
    after(() => plant.stop());
    assert.deepEqual(await plant.forward(), { behind: 0 });
    assert.deepEqual(await framesIn(server), ['a']);
    const config = { ...loadInspectorConfig(), plant: { type: 'postgres', url: server.url } as const };
    const ask = async (plantPassword: string) => (await findPlant(config, { brokerPassword: null, plantPassword }))[0];
    assert.equal((await ask(password))?.state, 'ok');
    assert.match((await ask('another'))?.found ?? '', /password authentication failed/);
  });
});
