import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Override, OverrideList } from '#contracts';
import { redPicture } from '../../factories/artefact.js';
import { readTable, STATION, startTestInspector } from '../../factories/inspector.js';
import { runLineside } from '../../factories/lineside.js';
import { startMosquitto } from '../../factories/mosquitto.js';
import { connectPlc } from '../../factories/plc.js';
import { requireTool, tempDir } from '../../factories/tools.js';

const mosquitto = requireTool('mosquitto');
const by = 'Ada Lovelace';

describe('promise 12: marked frames and human overrides', { skip: mosquitto.skip, timeout: 300_000 }, () => {
  it('simulated frames are never PASS in production; a person’s word stands beside the machine’s, for good', async () => {
    const broker = await startMosquitto(mosquitto, { config: ['set_tcp_nodelay true'] });
    const plc = await connectPlc(broker.url);
    const dir = tempDir();
    const inspector = await startTestInspector({ broker: broker.url, dir });
    const post = async (body: object, headers = {}) => {
      const answer = await fetch(`${inspector.url}/api/overrides`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    await plc.untilReady();
    const [good, bad] = [await redPicture(60), await redPicture(200)];
    await plc.send(good, { frameId: 'made-up', simulated: 'true' });
    await plc.send(bad, { frameId: 'f1', partId: 'SN1' });
    await plc.untilClosed(2);
    const { verdict, reason, simulated } = plc.verdictOf('made-up');
    assert.deepEqual([verdict, reason, simulated], ['INCONCLUSIVE', 'CHALLENGE', true]);

    // By the page: refused without a name, a known disposition, a recorded frame, or from another site's page.
    const words = { frameId: 'f1', disposition: 'use-as-is', trueLabel: 'good', remark: 'a hair', by };
    for (const [body, status, code] of [
      [{ ...words, by: ' ' }, 400, 'BODY_INVALID'],
      [{ ...words, disposition: 'sell' }, 400, 'BODY_INVALID'],
      [{ ...words, partId: 'SN1' }, 400, 'BODY_INVALID'],
      [{ ...words, frameId: 'nobody-saw-it' }, 404, 'OVERRIDE_UNKNOWN'],
    ] as const) {
      const refused = await post(body);
      assert.deepEqual([refused.status, refused.body['code']], [status, code], JSON.stringify(body));
    }
    assert.equal((await post(words, { origin: 'http://elsewhere.example' })).body['code'], 'FOREIGN_ORIGIN');
    const first = await post(words);
    assert.equal(first.status, 200);
    const said = Override.parse(first.body);
    assert.deepEqual([said.machine.verdict, said.partId, said.remark], ['FAIL', 'SN1', 'a hair']);
    assert.deepEqual((await post(words)).body, first.body, 'pressed twice it is one record');

    // By command, with the part's id.
    const where = ['--broker', broker.url, '--station', STATION, '--camera', 'cam1'];
    const { stdout } = await runLineside([
      ...['command', 'override', '--part', 'SN1', '--disposition', 'scrap', '--by', 'Grace Hopper'],
      ...where,
    ]);
    assert.equal(stdout, "scrap by Grace Hopper stands beside the machine's FAIL (MODEL).\n");
    await plc.until(() => plc.overrides.length === 2, 'both overrides on the record topic');
    assert.deepEqual(plc.overrides[0], said);
    assert.equal(plc.verdicts.length, 2, 'the gate hears nothing of it');

    await inspector.stop();
    const again = await startTestInspector({ broker: broker.url, dir });
    const answer = await fetch(`${again.url}/api/overrides?frameId=f1`);
    const { overrides } = OverrideList.parse(await answer.json());
    assert.deepEqual(
      overrides.map((each) => `${each.by} ${each.disposition}`),
      [`${by} use-as-is`, 'Grace Hopper scrap'],
    );
    await again.stop();
    const plant = join(dir, 'data', 'plant.sqlite');
    const rows = await readTable<Record<string, string>>(
      plant,
      `SELECT o.saidBy, o.disposition, o.trueLabel, o.machineVerdict, f.verdict
        FROM verdict_override o JOIN inspected_frame f USING (inspectorId, frameId) ORDER BY o.ledgerRow`,
    );
    const both = { machineVerdict: 'FAIL', verdict: 'FAIL' };
    assert.deepEqual(rows, [
      { saidBy: by, disposition: 'use-as-is', trueLabel: 'good', ...both },
      { saidBy: 'Grace Hopper', disposition: 'scrap', trueLabel: null, ...both },
    ]);
  });

  it('a challenge part that was announced is all views of it: one that shows the defect catches it, none locks the camera', async () => {
    const broker = await startMosquitto(mosquitto, { config: ['set_tcp_nodelay true'] });
    const plc = await connectPlc(broker.url);
    const views = ['top', 'side'].map((view) => ({ view, camera: 'cam1' }));
    await startTestInspector({ broker: broker.url, over: { parts: { views, windowMs: 5_000 } } });
    await plc.untilReady();
    const [good, bad] = [await redPicture(60), await redPicture(200)];
    const inspect = async (partId: string, top: Uint8Array, side: Uint8Array): Promise<string> => {
      const known = plc.parts.length;
      await plc.send(top, { frameId: `${partId}-top`, partId, view: 'top' });
      await plc.send(side, { frameId: `${partId}-side`, partId, view: 'side' });
      await plc.until(() => plc.parts.length > known && plc.records.length === 2 * plc.parts.length, `${partId}`);
      const said = ['top', 'side'].map((view) => plc.verdictOf(`${partId}-${view}`));
      assert.deepEqual(
        said.map(({ challenge }) => challenge),
        said.map(() => plc.parts.at(-1)?.challenge),
        `every view of ${partId} is marked, or none`,
      );
      return [...said, plc.parts.at(-1)].map((each) => `${each?.verdict} ${each?.reason}`).join(', ');
    };
    const announce = async (): Promise<void> => {
      assert.equal((await plc.command({ command: 'start-challenge', by })).ok, true);
    };
    await announce();
    assert.equal(await inspect('rabbit', good, bad), 'INCONCLUSIVE CHALLENGE, FAIL MODEL, FAIL MODEL');
    assert.equal(await inspect('ordinary', good, good), 'PASS MODEL, PASS MODEL, PASS MODEL', 'the camera goes on');
    await announce();
    assert.equal(
      await inspect('missed', good, good),
      'INCONCLUSIVE CHALLENGE, INCONCLUSIVE CHALLENGE, INCONCLUSIVE CHALLENGE',
    );
    await plc.until(() => plc.states.at(-1)?.reason === 'CHALLENGE', 'NOT_READY(CHALLENGE)');
    assert.equal(
      await inspect('next', good, good),
      'INCONCLUSIVE CHALLENGE, INCONCLUSIVE CHALLENGE, INCONCLUSIVE CHALLENGE',
    );
  });
});
