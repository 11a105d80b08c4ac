import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ReplayReport } from '#contracts';
import { type SimulateOptions, simulate } from '../../apps/simulator/src/simulate.js';
import { redPicture } from '../factories/artefact.js';
import { STATION, startTestInspector } from '../factories/inspector.js';
import { makeDataDir } from '../factories/labelled-pictures.js';
import { runLineside } from '../factories/lineside.js';
import { startMosquitto } from '../factories/mosquitto.js';
import { STATION as SCRIPTED_STATION, startBroker, startScriptedInspector } from '../factories/scripted-line.js';
import { requireTool, tempDir } from '../factories/tools.js';

/** The tiny model calls red a defect: one good part is overkill, one defect an escape, one in the grey zone. */
const REDS = {
  'good/1.png': 60,
  'good/2.png': 90,
  'good/3.png': 200,
  'crack/1.png': 220,
  'crack/2.png': 130,
  'crack/3.png': 40,
};
const TRUTH = { tp: 2, fp: 1, tn: 2, fn: 1 };

async function makeReds(): Promise<string> {
  const dir = await makeDataDir(Object.keys(REDS));
  for (const [path, red] of Object.entries(REDS)) writeFileSync(join(dir, path), await redPicture(red));
  return dir;
}

function replayArgs(over: { data: string; broker: string; camera: string; json: string; station?: string }): string[] {
  const { data, broker, camera, json, station = STATION } = over;
  return [
    ...['replay', '--data', data, '--broker', broker, '--camera', camera, '--json', json],
    ...['--station', station, '--rate', '100', '--wait', '1'],
  ];
}

function lineOptions(broker: string, over: Partial<SimulateOptions> = {}): SimulateOptions {
  return {
    broker,
    station: STATION,
    cameras: ['cam1'],
    parts: { series: 'line', seed: 1, defectShare: 0.5, lotSize: 10 },
    pace: { kind: 'closed' },
    frames: 10,
    windowMs: 60_000,
    readyTimeoutMs: 60_000,
    ...over,
  };
}

const mosquitto = requireTool('mosquitto');

describe('lineside replay', { timeout: 300_000 }, () => {
  it('through the embedded broker reports what the inspector made of every label', async () => {
    const inspector = await startTestInspector({ broker: 'embedded' });
    const json = join(tempDir(), 'report.json');
    const args = replayArgs({ data: await makeReds(), broker: inspector.brokerUrl, camera: 'cam1', json });
    const { exitCode, stdout, stderr } = await runLineside(args);
    await inspector.stop();
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /6 pictures sent/);
    const report = ReplayReport.parse(JSON.parse(readFileSync(json, 'utf8')));
    assert.deepEqual([report.sent, report.lost, report.duplicates], [6, 0, 0]);
    assert.deepEqual(report.truth, TRUTH);
    assert.deepEqual(report.verdicts, { PASS: 3, FAIL: 2, INCONCLUSIVE: 1 });
    // Of the nine pairs of a defect and a good part, those with red 220 and with red 130 rank above three and two.
    assert.equal(report.auroc, 5 / 9);
  });

  it('exits 1 and says so when a picture has no record', async () => {
    const { url } = await startBroker();
    await startScriptedInspector({ url, cameras: ['cam1'], answer: () => null });
    const json = join(tempDir(), 'report.json');
    const args = replayArgs({ data: await makeReds(), broker: url, camera: 'cam1', json, station: SCRIPTED_STATION });
    const { exitCode, stderr } = await runLineside(args);
    assert.equal(exitCode, 1);
    assert.match(stderr, /error FRAMES_LOST: 6 of 6 pictures/);
    assert.equal(ReplayReport.parse(JSON.parse(readFileSync(json, 'utf8'))).lost, 6);
  });

  it('exits 1 when no broker is there', async () => {
    const json = join(tempDir(), 'report.json');
    const args = replayArgs({ data: await makeReds(), broker: 'mqtt://127.0.0.1:1', camera: 'cam1', json });
    const { exitCode, stderr } = await runLineside(args);
    assert.equal(exitCode, 1);
    assert.match(stderr, /error BROKER_UNREACHABLE/);
  });
});

describe('lineside replay through mosquitto', { skip: mosquitto.skip, timeout: 300_000 }, () => {
  it('deals the pictures to every camera its prefix means', async () => {
    const broker = await startMosquitto(mosquitto);
    const inspector = await startTestInspector({ broker: broker.url, cameras: ['top1', 'top2', 'side'] });
    const json = join(tempDir(), 'report.json');
    const args = replayArgs({ data: await makeReds(), broker: broker.url, camera: 'top', json });
    const { exitCode, stderr } = await runLineside(args);
    await inspector.stop();
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(ReplayReport.parse(JSON.parse(readFileSync(json, 'utf8'))).truth, TRUTH);
  });

  it('exits 1 and says so when the broker takes no picture: FRAMES_NOT_SENT', async () => {
    const acl = join(tempDir(), 'acl');
    const states = ['+/state', 'inspector/+/state'].map((topic) => `topic write +/+/+/+/+/vision/v1/${topic}\n`);
    writeFileSync(acl, `topic read #\n${states.join('')}`, { mode: 0o644 });
    const { url } = await startMosquitto(mosquitto, { config: [`acl_file ${acl}`, 'user root'] });
    await startScriptedInspector({ url, cameras: ['cam1'], answer: () => null });
    const json = join(tempDir(), 'report.json');
    const args = replayArgs({ data: await makeReds(), broker: url, camera: 'cam1', json, station: SCRIPTED_STATION });
    const { exitCode, stdout, stderr } = await runLineside(args);
    assert.equal(exitCode, 1);
    assert.match(stdout, /0 pictures sent, 6 not/);
    assert.match(stderr, /^error FRAMES_NOT_SENT: 6 of 6 pictures .*Run it again when it takes them\.$/m);
  });
});

describe('a simulated line with a real inspector', { timeout: 300_000 }, () => {
  it('loses nothing, and the gate passes what a simulation passes', async () => {
    const inspector = await startTestInspector({ broker: 'embedded', over: { inspector: { mode: 'simulation' } } });
    const figures = await simulate(lineOptions(inspector.brokerUrl));
    await inspector.stop();
    assert.deepEqual([figures.received, figures.lost, figures.unexpected], [10, 0, 0]);
    assert.equal(figures.pass, figures.good - figures.overkill + figures.missed);
  });

  it('passes nothing where the inspector runs a production line', async () => {
    const inspector = await startTestInspector({ broker: 'embedded' });
    const figures = await simulate(lineOptions(inspector.brokerUrl));
    await inspector.stop();
    assert.deepEqual([figures.received, figures.pass, figures.missed], [10, 0, 0]);
    assert.equal(figures.overkill, figures.good);
  });
});
