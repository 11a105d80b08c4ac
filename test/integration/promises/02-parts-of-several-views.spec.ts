import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { io } from 'socket.io-client';
import { LIVE_PATH, LiveSnapshot } from '#contracts';
import { Gate, PART } from '../../../apps/simulator/src/line/gate.js';
import { redPicture } from '../../factories/artefact.js';
import { makeConfig, readTable, startTestInspector } from '../../factories/inspector.js';
import { startInspectorProcess } from '../../factories/inspector-process.js';
import { startMosquitto } from '../../factories/mosquitto.js';
import { connectPlc } from '../../factories/plc.js';
import { requireTool, tempDir } from '../../factories/tools.js';

const mosquitto = requireTool('mosquitto');
const VIEWS = [
  { view: 'top', camera: 'cam1' },
  { view: 'side', camera: 'cam2' },
];

describe('promise 2: a part of several views has one verdict, the worst of them', {
  skip: mosquitto.skip,
  timeout: 180_000,
}, () => {
  it('PASS only if all passed; MISSING_VIEW when the window is over; one row per part in the plant database', async () => {
    const broker = await startMosquitto(mosquitto, { config: ['set_tcp_nodelay true'] });
    const plc = await connectPlc(broker.url);
    const dir = tempDir();
    const inspector = await startTestInspector({
      broker: broker.url,
      dir,
      cameras: ['cam1', 'cam2'],
      over: { parts: { views: VIEWS, windowMs: 3_000 } },
    });
    await plc.untilReady('cam1');
    await plc.untilReady('cam2');
    const [good, bad] = [await redPicture(60), await redPicture(200)];
    const readyBootId = (): string | null =>
      plc.states.every(({ bootId }) => bootId === inspector.bootId) ? inspector.bootId : null;
    const gate = new Gate({ windowMs: 10_000, readyBootId, acceptsSimulated: false });
    const outcomes = ['good', 'scratched', 'half'].map((partId, seq) =>
      gate.wait({ frameId: partId, seq, camera: PART, partId, sentAt: performance.now() }),
    );
    await plc.send(good, { partId: 'good' }, 'cam1');
    await plc.send(good, { partId: 'good' }, 'cam2');
    await plc.send(good, { partId: 'scratched' }, 'cam2');
    await plc.send(bad, { partId: 'scratched' }, 'cam1');
    await plc.send(good, { partId: 'half' }, 'cam1');
    await plc.until(() => plc.parts.length === 3, '3 part verdicts');
    assert.deepEqual(
      plc.parts.map(({ partId, verdict, reason }) => `${partId} ${verdict} ${reason}`),
      ['good PASS MODEL', 'scratched FAIL MODEL', 'half INCONCLUSIVE MISSING_VIEW'],
    );
    assert.equal(plc.verdicts.length, 5);
    for (const part of plc.parts) gate.hearPart(part);
    assert.deepEqual(
      (await Promise.all(outcomes)).map(({ isPassed }) => isPassed),
      [true, false, false],
      'the gate opens for the whole good part alone',
    );
    const used = await plc.command({
      command: 'override',
      partId: 'half',
      disposition: 'use-as-is',
      by: 'Ada Lovelace',
    });
    assert.match(used.message, /^use-as-is by Ada Lovelace stands beside the machine's INCONCLUSIVE \(MISSING_VIEW\)/);
    const { parts } = await pageOf(inspector.url);
    assert.deepEqual(parts?.tallies.line, { pass: 1, fail: 1, inconclusive: 1, first: 3, firstPass: 1 }, 'on the page');
    assert.equal(parts.missingView.line, 1);
    await inspector.stop();
    const rows = await readTable<{ partId: string; verdict: string }>(
      join(dir, 'data', 'plant.sqlite'),
      'SELECT partId, verdict FROM inspected_part ORDER BY ledgerRow',
    );
    assert.deepEqual(
      rows.map(({ partId, verdict }) => `${partId} ${verdict}`),
      ['good PASS', 'scratched FAIL', 'half INCONCLUSIVE'],
    );
  });

  it('a part that a crash left open is closed as INTERRUPTED, once', async () => {
    const broker = await startMosquitto(mosquitto, { config: ['set_tcp_nodelay true'] });
    const plc = await connectPlc(broker.url);
    const over = { parts: { views: VIEWS, windowMs: 60_000 } };
    const config = await makeConfig({ broker: broker.url, cameras: ['cam1', 'cam2'], over });
    const { child } = await startInspectorProcess(config);
    await plc.untilReady('cam1');
    await plc.send(await redPicture(60), { partId: 'half' }, 'cam1');
    await plc.until(() => plc.verdicts.length === 1, 'the verdict on the first view');
    child.kill('SIGKILL');
    const gone = (): boolean => plc.inspectors.at(-1)?.state === 'OFFLINE';
    await plc.until(gone, 'the last will');
    await startInspectorProcess(config);
    const rows = await readTable<{ body: string }>(
      join(config.inspector.dataDir, 'ledger.sqlite'),
      `SELECT body FROM ledger WHERE kind = 'part'`,
    );
    assert.deepEqual(
      rows.map(({ body }) => JSON.parse(body)).map(({ partId, verdict, reason }) => `${partId} ${verdict} ${reason}`),
      ['half INCONCLUSIVE INTERRUPTED'],
    );
  });
});

/** What a page is told that opens now. */
async function pageOf(url: string): Promise<LiveSnapshot> {
  const page = io(url, { path: LIVE_PATH, transports: ['websocket'] });
  const snapshot: unknown = await new Promise((resolve) => page.once('snapshot', resolve));
  page.close();
  return LiveSnapshot.parse(snapshot);
}
