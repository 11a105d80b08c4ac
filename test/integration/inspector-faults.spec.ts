import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { type CameraState, Topics } from '#contracts';
import { Registry } from '#registry';
import { redPicture } from '../factories/artefact.js';
import { addModel, makeConfig, readMetric, readTable, STATION, startTestInspector } from '../factories/inspector.js';
import { startInspectorProcess } from '../factories/inspector-process.js';
import { startMosquitto } from '../factories/mosquitto.js';
import { connectPlc } from '../factories/plc.js';
import { hideGpus } from '../factories/software-gpu.js';
import { freePort, requireTool, tempDir } from '../factories/tools.js';

const mosquitto = requireTool('mosquitto');
const topics = new Topics(STATION);
const FAST = { config: ['set_tcp_nodelay true'] };

/** An inspector that is READY, and the registry that it looks at. */
async function startWithRegistry() {
  const broker = await startMosquitto(mosquitto, FAST);
  const plc = await connectPlc(broker.url);
  const dir = tempDir();
  const inspector = await startTestInspector({ broker: broker.url, dir });
  await plc.untilReady();
  return { plc, inspector, registry: await Registry.open(join(dir, 'registry')) };
}

describe('an inspector when something breaks', { skip: mosquitto.skip, timeout: 300_000 }, () => {
  it('promise 3: after kill -9 every accepted frame without a verdict is closed as INTERRUPTED, historical', async () => {
    const broker = await startMosquitto(mosquitto, FAST);
    const plc = await connectPlc(broker.url);
    const config = await makeConfig({ broker: broker.url });
    const { child } = await startInspectorProcess(config);
    await plc.untilReady();
    const big = await sharp(await redPicture(60))
      .resize(1_500, 1_500)
      .png()
      .toBuffer();
    // Not one after the other: they must come faster than they are inspected.
    const sent = Array.from({ length: 40 }, (_, i) =>
      plc.send(big, { frameId: `f${i}`, seq: String(i), bootId: 'b1' }),
    );
    await plc.until(() => plc.verdicts.length >= 3, 'the first verdicts');
    const killed = once(child, 'exit');
    child.kill('SIGKILL');
    await Promise.all([killed, ...sent]);
    const ledger = join(config.inspector.dataDir, 'ledger.sqlite');
    const accepted = await readTable<{ frameId: string }>(ledger, `SELECT frameId FROM ledger WHERE kind = 'accepted'`);
    const published = new Set(plc.verdicts.map(({ frameId }) => frameId));
    const second = await startInspectorProcess(config);
    await plc.until(() => plc.records.length >= accepted.length, `records of all ${accepted.length} accepted frames`);
    const closed = await readTable<{ frameId: string; body: string }>(
      ledger,
      `SELECT frameId, body FROM ledger WHERE kind = 'closed'`,
    );
    assert.deepEqual(
      closed.map(({ frameId }) => frameId).toSorted(),
      accepted.map(({ frameId }) => frameId).toSorted(),
    );
    const interrupted = plc.records.filter(({ reason }) => reason === 'INTERRUPTED');
    assert.ok(interrupted.length > 0, 'something was open when it was killed');
    for (const record of interrupted) {
      assert.equal(record.verdict, 'INCONCLUSIVE');
      assert.equal(record.historical, true);
      assert.equal(published.has(record.frameId), false, `${record.frameId} had a verdict before`);
    }
    await plc.untilReady();
    await plc.send(await redPicture(60), { frameId: 'after', seq: '40', bootId: 'b1' });
    await plc.until(() => plc.verdicts.some(({ frameId }) => frameId === 'after'), 'a verdict after the restart');
    assert.equal(plc.verdictOf('after').verdict, 'PASS');
    const drained = once(second.child, 'exit');
    second.child.kill('SIGTERM');
    assert.deepEqual(await drained, [0, null]);
  });

  it('promise 6: a worker that dies takes only its frames with it, as INCONCLUSIVE, and is replaced', async () => {
    const broker = await startMosquitto(mosquitto, FAST);
    const plc = await connectPlc(broker.url);
    const inspector = await startTestInspector({ broker: broker.url });
    await plc.untilReady();
    const [worker] = inspector.workerPids();
    assert.ok(worker !== undefined);
    const big = await sharp(await redPicture(60))
      .resize(1_500, 1_500)
      .png()
      .toBuffer();
    await Promise.all(['a', 'b', 'c'].map((frameId) => plc.send(big, { frameId })));
    process.kill(worker, 'SIGKILL');
    await plc.untilClosed(3);
    assert.ok(plc.verdicts.some(({ reason }) => reason === 'INTERNAL' || reason === 'MODEL_NOT_READY'));
    await plc.until(() => plc.states.at(-1)?.state === 'READY', 'READY again');
    await plc.send(await redPicture(60), { frameId: 'after' });
    await plc.untilClosed(4);
    assert.equal(plc.verdictOf('after').verdict, 'PASS');
    assert.equal(await readMetric(inspector, 'workers_lost_total'), 1);
  });

  it('promise 9: a promoted model takes over without a restart and no frame is lost', async () => {
    const { plc, inspector, registry } = await startWithRegistry();
    const picture = await redPicture(60);
    const promoted = addModel(registry, 'tiny-2');
    let sent = 0;
    const isSwitched = (): boolean => plc.states.at(-1)?.model === 'tiny-2';
    while (!isSwitched() || sent < 100) {
      await plc.send(picture, { frameId: `f${sent}`, seq: String(sent), bootId: 'b1' });
      sent += 1;
      // In step with the line: the broker queues only so much.
      await plc.until(() => plc.records.length > sent - 20, 'the line to keep up');
    }
    await promoted;
    await plc.send(picture, { frameId: 'last' });
    await plc.untilClosed(sent + 1);
    assert.ok(plc.verdicts.every(({ verdict }) => verdict === 'PASS'));
    const models = plc.verdicts.map(({ model }) => model?.id);
    assert.equal(models[0], 'tiny-1');
    assert.equal(models.at(-1), 'tiny-2');
    await registry.rollback({ recipe: 'chip', by: 'Test Person' });
    await plc.until(() => plc.states.at(-1)?.model === 'tiny-1', 'the rollback');
    assert.equal(inspector.workerPids().length, 2, 'the model before stays warm');
  });

  it('promise 8: a promoted model whose files were changed is refused and the old one goes on', async () => {
    const { plc, inspector, registry } = await startWithRegistry();
    await addModel(registry, 'tiny-2', (path) => writeFileSync(join(path, 'model.onnx'), 'other'));
    await plc.untilAlert('MODEL_REFUSED');
    await plc.send(await redPicture(60), { frameId: 'still' });
    await plc.until(() => plc.verdicts.length === 1, 'a verdict');
    assert.equal(plc.verdictOf('still').model?.id, 'tiny-1');
    assert.equal(await readMetric(inspector, 'models_refused_total'), 1);
  });

  it('promise 8: without a model it is NOT_READY(NO_MODEL) and says MODEL_NOT_READY of every frame, until one is promoted', async () => {
    const broker = await startMosquitto(mosquitto, FAST);
    const plc = await connectPlc(broker.url);
    const dir = tempDir();
    const registry = await Registry.open(join(dir, 'registry'), { create: true });
    await startTestInspector({ broker: broker.url, dir });
    await plc.until(() => plc.states.at(-1)?.reason === 'NO_MODEL', 'NO_MODEL');
    await plc.send(await redPicture(60), { frameId: 'early' });
    await plc.untilClosed(1);
    assert.equal(plc.verdictOf('early').reason, 'MODEL_NOT_READY');
    await addModel(registry, 'tiny-1');
    await plc.untilReady();
  });

  it('promise 8: a runtime that is named and missing is NOT_READY(RUNTIME) with what to do; no other takes its place', async () => {
    hideGpus();
    const broker = await startMosquitto(mosquitto, FAST);
    const plc = await connectPlc(broker.url);
    const inspector = await startTestInspector({
      broker: broker.url,
      over: { inference: { runtime: 'onnx-webgpu' } },
    });
    await plc.until(() => plc.states.at(-1)?.reason === 'RUNTIME', 'RUNTIME');
    assert.match(plc.states.at(-1)?.detail ?? '', /onnx-webgpu cannot be used here: .*adapter.*Vulkan/s);
    await plc.send(await redPicture(60), { frameId: 'f1' });
    await plc.untilClosed(1);
    assert.equal(plc.verdictOf('f1').reason, 'MODEL_NOT_READY');
    assert.deepEqual(inspector.workerPids(), []);
  });

  it('promise 8: on a disk under its watermark it is NOT_READY(DISK) from the first moment and takes no frame', async () => {
    const broker = await startMosquitto(mosquitto, FAST);
    const plc = await connectPlc(broker.url);
    const inspector = await startTestInspector({ broker: broker.url, over: { ledger: { diskFreeBytes: 2 ** 50 } } });
    await plc.until(() => plc.states.at(-1)?.reason === 'DISK', 'DISK');
    assert.ok(plc.states.every(({ state }) => state === 'NOT_READY'));
    await plc.send(await redPicture(60), { frameId: 'f1' });
    await plc.untilHeartbeats(2);
    assert.equal(await readMetric(inspector, 'frames_accepted_total'), 0);
    assert.equal(plc.verdicts.length, 0);
  });

  it('promise 4: while the plant database is away verdicts go on, and it is said', async () => {
    const broker = await startMosquitto(mosquitto, FAST);
    const plc = await connectPlc(broker.url);
    const plant = { type: 'postgres', url: `postgres://lineside@127.0.0.1:${await freePort()}/plant` };
    const inspector = await startTestInspector({ broker: broker.url, over: { plant } });
    await plc.untilReady();
    await plc.send(await redPicture(60), { frameId: 'f1' });
    await plc.untilClosed(1);
    assert.equal(plc.verdictOf('f1').verdict, 'PASS');
    await plc.untilAlert('PLANT');
    assert.ok((await readMetric(inspector, 'plant_failures_total')) >= 1);
    assert.equal((await fetch(`${inspector.url}/health/ready`)).status, 200);
    const search = await fetch(`${inspector.url}/api/verdicts`);
    assert.equal(search.status, 503);
    assert.equal(((await search.json()) as { code: string }).code, 'PLANT_READ');
  });

  it('promise 5: starts without a broker, connects when it comes, and comes back after it went away', async () => {
    const first = await startMosquitto(mosquitto, FAST);
    await first.stop();
    const inspector = await startTestInspector({ broker: first.url });
    const second = await startMosquitto(mosquitto, { ...FAST, port: first.port });
    const plc = await connectPlc(second.url);
    await plc.untilReady();
    await second.stop();
    assert.equal((await fetch(`${inspector.url}/health/ready`)).status, 503);
    const third = await startMosquitto(mosquitto, { ...FAST, port: first.port });
    const again = await connectPlc(third.url);
    await again.untilReady();
    await again.send(await redPicture(60), { frameId: 'back' });
    await again.untilClosed(1);
    assert.deepEqual(
      again.records.map(({ historical }) => historical),
      [false],
    );
  });

  it('leaves a camera to the inspector that has it: CAMERA_TAKEN, no verdict twice, and takes over when that one stops', async () => {
    const broker = await startMosquitto(mosquitto, FAST);
    const plc = await connectPlc(broker.url);
    const first = await startTestInspector({ broker: broker.url });
    await plc.untilReady();
    const second = await startTestInspector({ broker: broker.url, over: { inspector: { id: 'inspector2' } } });
    assert.equal((await second.notReadyReasons())[0], 'CAMERA_TAKEN');
    // It subscribes to the frames in its own time.
    let sent = 0;
    while ((await readMetric(second, 'frames_not_ours_total')) === 0) {
      sent += 1;
      await plc.send(await redPicture(60), { frameId: `first-${sent}` });
      await plc.untilClosed(sent);
    }
    assert.equal(await readMetric(second, 'frames_accepted_total'), 0);
    await first.stop();
    await plc.untilReady('cam1', second.bootId);
    await plc.send(await redPicture(60), { frameId: 'second' });
    await plc.untilClosed(sent + 1);
    assert.equal(plc.verdicts.length, sent + 1);
    assert.equal(plc.verdictOf('second').bootId, second.bootId);
  });

  it('promise 5: is READY again after a power cut that the broker remembers its last boot from; one that lives keeps its camera', async () => {
    const broker = await startMosquitto(mosquitto, FAST);
    const plc = await connectPlc(broker.url);
    const other = { cameras: ['cam2'], over: { inspector: { id: 'inspector2' } } };
    await startTestInspector({ broker: broker.url, ...other });
    await plc.untilReady('cam2');
    const gone = { inspectorId: 'inspector1', bootId: '01AAAAAAAAAAAAAAAAAAAAAAAA', ts: new Date().toISOString() };
    const [held] = plc.states.filter(({ camera }) => camera === 'cam2');
    const remembered = [
      [topics.inspectorState('inspector1'), { schema: 'vision.inspector/1', state: 'ONLINE', ...gone }],
      [topics.camera('cam1', 'state'), { ...held, ...gone, camera: 'cam1', state: 'READY', reason: null }],
    ] as const;
    for (const [topic, word] of remembered)
      await plc.client.publishAsync(topic, JSON.stringify(word), { qos: 1, retain: true });
    const inspector = await startTestInspector({ broker: broker.url, cameras: ['cam1', 'cam2'] });
    assert.deepEqual(await inspector.notReadyReasons(), ['CAMERA_TAKEN', 'CAMERA_TAKEN']);
    await plc.untilReady('cam1', inspector.bootId);
    assert.deepEqual(await inspector.notReadyReasons(), [null, 'CAMERA_TAKEN']);
    const isOnline = (): boolean => plc.inspectors.at(-1)?.bootId === inspector.bootId;
    await plc.until(isOnline, 'its birth: no gate would believe it without');
    await plc.send(await redPicture(60), { frameId: 'f1' });
    await plc.until(() => plc.verdicts.length === 1, 'a verdict');
    assert.equal(plc.verdictOf('f1').verdict, 'PASS');
  });

  it('started twice under one id the second stays out, and its end does not take the first one off the line', async () => {
    const broker = await startMosquitto(mosquitto, FAST);
    const plc = await connectPlc(broker.url);
    const first = await startTestInspector({ broker: broker.url });
    await plc.untilReady();
    const second = await startInspectorProcess(await makeConfig({ broker: broker.url }));
    const killed = once(second.child, 'exit');
    const answer = await (await fetch(`${second.url}/health/ready`)).json();
    assert.deepEqual(
      (answer as { cameras: CameraState[] }).cameras.map(({ reason }) => reason),
      ['CAMERA_TAKEN'],
    );
    second.child.kill('SIGKILL');
    await killed;
    const isOnlineAgain = (): boolean => {
      const [before, last] = plc.inspectors.slice(-2);
      return before?.state === 'OFFLINE' && last?.state === 'ONLINE' && last.bootId === first.bootId;
    };
    await plc.until(isOnlineAgain, 'the last will of the second and the birth of the first');
    await plc.send(await redPicture(60), { frameId: 'one' });
    await plc.until(() => plc.verdicts.length === 1, 'a verdict');
    assert.equal(plc.verdictOf('one').bootId, first.bootId);
  });
});
