import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';
import { LIVE_PATH, LiveSnapshot, Topics } from '#contracts';
import { redPicture } from '../factories/artefact.js';
import { makeAuthority } from '../factories/certificates.js';
import { STATION, startTestInspector } from '../factories/inspector.js';
import { runLineside } from '../factories/lineside.js';
import { startMosquitto } from '../factories/mosquitto.js';
import { connectPlc } from '../factories/plc.js';
import { requireTool, tempDir } from '../factories/tools.js';
import { until } from '../factories/until.js';

const mosquitto = requireTool('mosquitto');
const openssl = requireTool('openssl');
const ACL = fileURLToPath(new URL('../../../config/mosquitto-acl.example', import.meta.url));
const topics = new Topics(STATION);

describe('a broker that knows its clients', { skip: mosquitto.skip || openssl.skip, timeout: 300_000 }, () => {
  it('by client certificates and the example ACL: the line works, a camera cannot say a verdict, a stranger cannot come in', async () => {
    const authority = makeAuthority(openssl);
    const server = authority.issue('broker');
    const files = [`cafile ${authority.ca}`, `certfile ${server.cert}`, `keyfile ${server.key}`];
    const identity = ['require_certificate true', 'use_identity_as_username true'];
    // mosquitto leaves root behind and could not read the files of a test.
    const config = [...files, ...identity, `acl_file ${ACL}`, 'allow_anonymous false', 'user root'];
    const broker = await startMosquitto(mosquitto, { config });
    const url = broker.url.replace('mqtt:', 'mqtts:');
    const as = (name: string, { ca, issue } = authority) => {
      const { cert, key } = issue(name);
      return { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) };
    };
    const { cert, key } = authority.issue('inspector1');
    await startTestInspector({ broker: url, over: { broker: { ca: authority.ca, cert, key } } });
    const gate = await connectPlc(url, as('gate1'));
    const camera = await connectPlc(url, as('cam1'));
    await gate.untilReady();
    await camera.send(await redPicture(60), { frameId: 'f1', partId: 'p1' });
    await gate.until(() => gate.verdicts.length === 1, 'a verdict');
    assert.equal(gate.verdictOf('f1').verdict, 'PASS');
    assert.equal(camera.verdicts.length, 0, 'a camera hears no verdicts');

    // Refused by the broker; what comes after it on the same connection arrives, so nothing is still on its way.
    const forged = JSON.stringify({ ...gate.verdictOf('f1'), frameId: 'forged' });
    const forging = camera.client.publishAsync(topics.camera('cam1', 'verdict'), forged, { qos: 1 });
    await assert.rejects(forging, /not authorized/i);
    await camera.send(await redPicture(60), { frameId: 'f2' });
    await gate.until(() => gate.verdicts.some(({ frameId }) => frameId === 'f2'), 'the next verdict');
    assert.ok(gate.verdicts.every(({ frameId }) => frameId !== 'forged'));

    const viewer = await connectPlc(url, as('viewer1'));
    await viewer.until(() => viewer.states.length > 0, 'the retained state');
    await assert.rejects(
      viewer.command({ command: 'clear-challenge', frameId: 'c1', by: 'Viewer' }),
      /not authorized/i,
    );
    const lead = await connectPlc(url, as('shift-lead'));
    assert.equal((await lead.command({ command: 'clear-challenge', frameId: 'c1', by: 'Lead' })).code, 'NOT_HELD');

    const show = (name: string, { ca } = authority): string[] => {
      const shown = authority.issue(name);
      return ['--broker', url, '--station', STATION, '--ca', ca, '--cert', shown.cert, '--key', shown.key];
    };
    const clear = ['command', 'clear-challenge', '--frame', 'c1', '--camera', 'cam1', '--by', 'Lead'];
    assert.match((await runLineside([...clear, ...show('shift-lead')])).stderr, /^error NOT_HELD:/);
    const parts = ['--camera', 'cam1', '--closed-loop', '--frames', '2', '--window', '5000'];
    const simulated = await runLineside(['simulate', ...parts, ...show('tester1')]);
    assert.match(simulated.stdout, /^received=2 .* lost=0$/m, simulated.stderr);

    const stranger = makeAuthority(openssl, 'Somebody else');
    const own = { inspector: { id: 'inspector2' }, broker: { ca: stranger.ca, cert, key } };
    const mistrusting = await startTestInspector({ broker: url, over: own });
    assert.match(await detailOf(mistrusting), /do not trust each other.*broker\.ca/);
    const unbelieved = await runLineside([...clear, ...show('shift-lead', stranger)]);
    assert.match(unbelieved.stderr, /^error BROKER_TLS: .*--ca, --cert, --key/);
    const foreign = { ...as('cam1', stranger), ca: readFileSync(authority.ca) };
    await assert.rejects(connectPlc(url, foreign));
  });

  it('a password that is changed under a running inspector: NOT_READY says so, and it does not storm the broker', async () => {
    const dir = tempDir();
    const passwords = join(dir, 'passwords');
    const give = (password: string): unknown =>
      execFileSync('mosquitto_passwd', ['-b', passwords, 'inspector1', password], { stdio: 'pipe' });
    writeFileSync(passwords, '');
    give('first');
    process.env['LINESIDE_BROKER_PASSWORD'] = 'first';
    const config = [`password_file ${passwords}`, 'allow_anonymous false', 'user root'];
    const broker = await startMosquitto(mosquitto, { config });
    const over = { broker: { username: 'inspector1' } };
    const inspector = await startTestInspector({ broker: broker.url, over });
    delete process.env['LINESIDE_BROKER_PASSWORD'];
    await until(async () => (await fetch(`${inspector.url}/health/ready`)).status === 200, 'READY');
    await broker.stop();
    give('second');
    const again = await startMosquitto(mosquitto, { config, port: broker.port });
    await until(async () => (await detailOf(inspector)).includes('refuses'), 'the refusal to be told');
    assert.match(await detailOf(inspector), /refuses this inspector: .*LINESIDE_BROKER_PASSWORD/);
    const refusals = (): number => again.printed.filter((line) => /not authori[sz]ed/i.test(line)).length;
    const before = refusals();
    // Only time can show that nothing comes.
    await wait(2_000);
    assert.ok(before >= 1 && refusals() <= before + 1, `${before} refusals, then ${refusals()}`);
  });

  for (const [protocol, rights, what] of [
    ['3.1.1', ['read'], 'throws away what the inspector says on its states, and acknowledges it'],
    ['5', ['write'], 'lets the inspector subscribe to states and brings it none'],
  ] as const) {
    it(`that ${what}: NOT_READY(BROKER) names the topics, until it is mended`, async () => {
      const acl = join(tempDir(), 'acl');
      const states = [`${topics.base}/+/state`, topics.everyInspectorState()];
      const denied = states.flatMap((topic) => rights.map((right) => `topic ${right} ${topic}\n`)).join('');
      const others = ['+/frame', '+/cmd', '+/verdict', '+/record', '+/heartbeat', 'alert'];
      const allowed = others.map((topic) => `topic readwrite ${topics.base}/${topic}\n`).join('');
      writeFileSync(acl, allowed + denied, { mode: 0o644 });
      const broker = await startMosquitto(mosquitto, { config: [`acl_file ${acl}`, 'user root'] });
      const inspector = await startTestInspector({ broker: broker.url, over: { broker: { protocol } } });
      await until(async () => /own comes back/.test(await detailOf(inspector)), 'what is wrong on probe and page');
      const detail = await detailOf(inspector);
      for (const topic of [topics.camera('cam1', 'state'), topics.inspectorState('inspector1')])
        await until(async () => (await alarmOf(inspector)).includes(topic), `${topic} in the alarm, beside ${detail}`);
      writeFileSync(acl, 'topic readwrite #\n');
      process.kill(broker.pid, 'SIGHUP');
      await until(async () => (await fetch(`${inspector.url}/health/ready`)).status === 200, 'READY');
      await until(async () => (await alarmOf(inspector)) === '', 'the end of the alarm');
    });
  }

  it('that refuses the records of one camera: those of the others go on, an alarm names the topic, and none is missing when it lets them in', async () => {
    const acl = join(tempDir(), 'acl');
    const refused = topics.camera('cam1', 'record');
    writeFileSync(acl, `topic readwrite #\ntopic deny ${refused}\n`, { mode: 0o644 });
    const broker = await startMosquitto(mosquitto, { config: [`acl_file ${acl}`, 'user root'] });
    await startTestInspector({ broker: broker.url, cameras: ['cam1', 'cam2'] });
    const plc = await connectPlc(broker.url);
    for (const camera of ['cam1', 'cam2']) await plc.untilReady(camera);
    const picture = await redPicture(60);
    for (const number of [1, 2, 3]) {
      for (const camera of ['cam1', 'cam2']) await plc.send(picture, { frameId: `${camera}-${number}` }, camera);
      // Records go in the order in which frames are closed, and two workers may close the later one first.
      await plc.until(() => plc.verdicts.length === 2 * number, 'their verdicts');
    }
    const heard = (camera: string): string[] =>
      plc.records.filter((record) => record.camera === camera).map(({ frameId }) => frameId);
    await plc.until(() => heard('cam2').length === 3, 'the records of the other camera');
    const alarm = () => plc.alerts.findLast(({ code }) => code === 'PUBLISH_REFUSED');
    await plc.until(() => alarm()?.active === true, 'the alarm');
    assert.ok(alarm()?.message.includes(refused), alarm()?.message);
    assert.deepEqual(heard('cam1'), []);
    writeFileSync(acl, 'topic readwrite #\n');
    process.kill(broker.pid, 'SIGHUP');
    await plc.until(() => heard('cam1').length === 3 && alarm()?.active === false, 'the records that were refused');
    assert.deepEqual(heard('cam1'), ['cam1-1', 'cam1-2', 'cam1-3']);
  });
});

/** Message of the alarm on topics that are refused; empty while there is none. */
async function alarmOf({ url }: { readonly url: string }): Promise<string> {
  const page = io(url, { path: LIVE_PATH, transports: ['websocket'] });
  const snapshot: unknown = await new Promise((resolve) => page.once('snapshot', resolve));
  page.close();
  const { alerts } = LiveSnapshot.parse(snapshot);
  return alerts.find(({ code, active }) => code === 'PUBLISH_REFUSED' && active)?.message ?? '';
}

/** Why its camera is not ready. */
async function detailOf({ url }: { readonly url: string }): Promise<string> {
  const { cameras } = (await (await fetch(`${url}/health/ready`)).json()) as { cameras: { detail: string | null }[] };
  return cameras[0]?.detail ?? '';
}
