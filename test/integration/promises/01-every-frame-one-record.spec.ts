import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { redPicture } from '../../factories/artefact.js';
import { readMetric, startTestInspector } from '../../factories/inspector.js';
import { startMosquitto } from '../../factories/mosquitto.js';
import { connectPlc } from '../../factories/plc.js';
import { requireTool } from '../../factories/tools.js';

const mosquitto = requireTool('mosquitto');

describe('promise 1: every accepted frame has one record', { skip: mosquitto.skip, timeout: 300_000 }, () => {
  it('also where a shared subscription deals one camera’s frames out to several connections', async () => {
    const broker = await startMosquitto(mosquitto, { config: ['set_tcp_nodelay true'] });
    const plc = await connectPlc(broker.url);
    const over = { broker: { share: 'frames', ingestConnections: 3 } };
    const inspector = await startTestInspector({ broker: broker.url, over });
    await plc.untilReady();
    const picture = await redPicture(60);
    for (let i = 0; i < 60; i++) {
      await plc.send(picture, { frameId: `f${i}` });
      await plc.until(() => plc.verdicts.length > i - 20, 'the line to keep up');
    }
    await plc.untilClosed(60);
    assert.equal(new Set(plc.records.map(({ frameId }) => frameId)).size, 60);
    assert.equal(await readMetric(inspector, 'frames_accepted_total'), 60);
    assert.equal(await readMetric(inspector, 'frames_duplicate_total'), 0);
    const used = broker.printed.flatMap((line) => /Sending PUBLISH to (\S+-ingest\d)/.exec(line)?.[1] ?? []);
    assert.ok(new Set(used).size > 1, `frames came over ${new Set(used).size} connections`);
  });
});
