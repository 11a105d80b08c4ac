import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Registry } from '#registry';
import { redPicture } from '../../factories/artefact.js';
import { addModel, readTable, STATION, startTestInspector } from '../../factories/inspector.js';
import { runLineside } from '../../factories/lineside.js';
import { startMosquitto } from '../../factories/mosquitto.js';
import { connectPlc } from '../../factories/plc.js';
import { requireTool, tempDir } from '../../factories/tools.js';

const mosquitto = requireTool('mosquitto');
const by = 'Ada Lovelace';

describe('promises 8, 11 and 12: people and PLCs ask, the line answers', {
  skip: mosquitto.skip,
  timeout: 300_000,
}, () => {
  it('alarms that no verdict brings come by themselves: silence, and a challenge part that is due', async () => {
    const broker = await startMosquitto(mosquitto, { config: ['set_tcp_nodelay true'] });
    const plc = await connectPlc(broker.url);
    const alarms = { silenceMs: 1_000, challengeEveryMs: 3_600_000 };
    await startTestInspector({ broker: broker.url, over: { alarms } });
    await plc.untilAlert('SILENCE');
    await plc.untilAlert('CHALLENGE_DUE');
  });

  it('alarms, challenge parts with lock-out, change-over and rollback, each by name and kept in the ledger', async () => {
    const broker = await startMosquitto(mosquitto, { config: ['set_tcp_nodelay true'] });
    const plc = await connectPlc(broker.url);
    const dir = tempDir();
    const options = {
      broker: broker.url,
      dir,
      recipes: { chip: 20_000, board: 9_000 },
      over: { alarms: { failsInARow: 2, owner: 'Shift lead' } },
    };
    const inspector = await startTestInspector(options);
    await plc.untilReady();
    const [good, bad] = [await redPicture(60), await redPicture(200)];
    const send = async (frameId: string, picture: Buffer, said = {}): Promise<string> => {
      await plc.send(picture, { frameId, ...said });
      await plc.until(() => plc.verdicts.at(-1)?.frameId === frameId, `the verdict of ${frameId}`);
      const { verdict, reason, challenge } = plc.verdictOf(frameId);
      return `${verdict} ${reason}${challenge ? ' challenge' : ''}`;
    };

    await send('f1', bad);
    await send('f2', bad);
    await plc.untilAlert('FAILS_IN_A_ROW');
    const seen = await plc.command({ command: 'acknowledge', alarm: 'FAILS_IN_A_ROW', by });
    assert.deepEqual([seen.ok, seen.command], [true, 'acknowledge']);
    await plc.until(() => plc.alerts.at(-1)?.acknowledged?.by === by, 'the acknowledged alert');
    assert.equal(plc.alerts.at(-1)?.owner, 'Shift lead');
    await send('f3', good);
    await plc.until(() => plc.alerts.at(-1)?.active === false, 'its end');

    // A caught challenge part changes nothing; one that the model would let through locks the camera.
    await plc.command({ command: 'start-challenge', by });
    assert.equal(await send('c1', bad), 'FAIL MODEL challenge');
    assert.equal(await send('f4', good), 'PASS MODEL');
    await plc.command({ command: 'start-challenge', by });
    assert.equal(await send('c2', good), 'INCONCLUSIVE CHALLENGE challenge');
    await plc.until(() => plc.states.at(-1)?.reason === 'CHALLENGE', 'NOT_READY(CHALLENGE)');
    assert.equal(await send('f5', good), 'INCONCLUSIVE CHALLENGE');
    const clear = { command: 'clear-challenge', frameId: 'c2' };
    assert.equal((await plc.command(clear)).code, 'COMMAND_INVALID', 'nobody is named');
    const old = await plc.command({ ...clear, frameId: 'c1', by });
    assert.deepEqual([old.code, plc.states.at(-1)?.reason], ['HELD_AGAIN', 'CHALLENGE'], 'a word on another one');
    assert.equal((await plc.command({ ...clear, by })).ok, true);
    await plc.untilReady();
    assert.equal(await send('f6', good), 'PASS MODEL');

    // Model, region and deadline switch together, and stay over a restart.
    assert.equal((await plc.command({ command: 'changeover', recipe: 'unknown', by })).code, 'NO_RECIPE');
    assert.equal((await plc.command({ command: 'changeover', recipe: 'board', by })).ok, true);
    await plc.untilReady();
    assert.ok(plc.states.some(({ reason }) => reason === 'CHANGEOVER'));
    await send('f7', good);
    assert.deepEqual([plc.verdictOf('f7').recipe, plc.verdictOf('f7').deadlineMs], ['board', 9_000]);

    const registry = await Registry.open(join(dir, 'registry'));
    await plc.command({ command: 'changeover', recipe: 'chip', by });
    await addModel(registry, 'tiny-2');
    await plc.until(() => plc.states.at(-1)?.model === 'tiny-2', 'the second model');
    const back = { command: 'rollback', from: 'tiny-2', by };
    assert.equal((await plc.command(back)).ok, true);
    assert.equal((await plc.command(back)).code, 'NOTHING_TO_ROLL_BACK', 'delivered twice it goes back once');
    await plc.until(() => plc.states.at(-1)?.model === 'tiny-1', 'the first model');
    await plc.command({ command: 'changeover', recipe: 'board', by });

    assert.equal((await plc.command({ command: 'dance', by })).code, 'COMMAND_UNKNOWN');
    await inspector.stop();
    const again = await startTestInspector(options);
    await plc.untilReady('cam1', again.bootId);
    assert.equal(plc.states.at(-1)?.recipe, 'board');
    await again.stop();
    const events = await readTable<{ body: string }>(
      join(dir, 'data', 'ledger.sqlite'),
      `SELECT body FROM ledger WHERE kind = 'event' ORDER BY row`,
    );
    assert.deepEqual(
      events.map(({ body }) => JSON.parse(body)).map((each) => `${each.event} ${each.by}`),
      [
        ...['acknowledge', 'start-challenge', 'start-challenge', 'clear-challenge', 'changeover', 'changeover'],
        ...['rollback', 'changeover'],
      ].map((event) => `${event} ${by}`),
    );
  });

  it('a lock survives a restart; 3.1.1 clients are answered where their JSON says, and nowhere else', async () => {
    const plcOf = (url: string) => connectPlc(url, { protocolVersion: 4 });
    const dir = tempDir();
    const first = await startTestInspector({ broker: 'embedded', dir });
    const before = await plcOf(first.brokerUrl);
    await before.untilReady();
    await before.sendEnvelope(await redPicture(60), { frameId: 'c1', challenge: true });
    await before.until(() => before.states.at(-1)?.reason === 'CHALLENGE', 'NOT_READY(CHALLENGE)');
    await first.stop();
    const second = await startTestInspector({ broker: 'embedded', dir });
    const plc = await plcOf(second.brokerUrl);
    await plc.until(() => plc.states.at(-1)?.reason === 'CHALLENGE', 'NOT_READY(CHALLENGE) again');
    const verdicts = `${STATION}/vision/v1/cam1/verdict`;
    const misled = JSON.stringify({ command: 'clear-challenge', frameId: 'c1', by, replyTo: verdicts });
    await plc.client.publishAsync(`${STATION}/vision/v1/cam1/cmd`, misled, { qos: 1 });
    await plc.untilReady();
    const reply = await plc.command({ command: 'clear-challenge', frameId: 'c1', by });
    assert.deepEqual([reply.code, reply.correlationId], ['NOT_HELD', 'command-0']);
    const asked = ['command', 'hold-lot', '--lot', 'L7', '--camera', 'cam1', '--by', by];
    const where = ['--broker', second.brokerUrl, '--station', STATION];
    const { stdout, exitCode } = await runLineside([...asked, ...where]);
    assert.deepEqual(
      [stdout, exitCode],
      ['Pictures of lot L7 stay, and from now on every picture of it is kept.\n', 0],
    );
    assert.deepEqual(plc.verdicts, []);
  });
});
