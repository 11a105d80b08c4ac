import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { redPicture, tinyScore } from '../factories/artefact.js';
import { startTestInspector } from '../factories/inspector.js';
import { startMosquitto } from '../factories/mosquitto.js';
import { connectPlc } from '../factories/plc.js';
import { requireTool } from '../factories/tools.js';

const mosquitto = requireTool('mosquitto');

describe('an inspector behind mosquitto', { skip: mosquitto.skip, timeout: 60_000 }, () => {
  it('promise 1: 200 frames in, 200 verdicts and 200 records out, each with the score of its own picture', async () => {
    const broker = await startMosquitto(mosquitto);
    const plc = await connectPlc(broker.url);
    await startTestInspector({ broker: broker.url, cameras: ['cam1', 'cam2'] });
    await plc.untilReady('cam1');
    await plc.untilReady('cam2');
    const reds = [40, 90, 127, 170, 220];
    const pictures = await Promise.all(reds.map((red) => redPicture(red)));
    for (let i = 0; i < 200; i++) {
      const picture = pictures[i % reds.length] ?? Buffer.alloc(0);
      await plc.send(picture, { frameId: `f${i}`, partId: `p${i}`, seq: String(i), bootId: 'b1' }, `cam${1 + (i % 2)}`);
    }
    await plc.until(() => plc.verdicts.length >= 200 && plc.records.length >= 200, '200 verdicts and records');
    assert.equal(new Set(plc.verdicts.map(({ frameId }) => frameId)).size, 200);
    assert.equal(new Set(plc.records.map(({ frameId }) => frameId)).size, 200);
    for (const { frameId, score, verdict, partId } of plc.verdicts) {
      const i = Number(frameId.slice(1));
      const red = reds[i % reds.length] ?? 0;
      assert.ok(Math.abs((score ?? -1) - tinyScore(red)) < 1e-4, `score of ${frameId}`);
      assert.equal(verdict, red < 120 ? 'PASS' : red < 140 ? 'INCONCLUSIVE' : 'FAIL');
      assert.equal(partId, `p${i}`);
    }
  });
});
