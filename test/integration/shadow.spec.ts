import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type Verdict, VerdictPage } from '#contracts';
import { Registry } from '#registry';
import { makeArtefact, redPicture } from '../factories/artefact.js';
import { startTestInspector } from '../factories/inspector.js';
import { runLineside } from '../factories/lineside.js';
import { startMosquitto } from '../factories/mosquitto.js';
import { connectPlc } from '../factories/plc.js';
import { requireTool, tempDir } from '../factories/tools.js';
import { until } from '../factories/until.js';

const mosquitto = requireTool('mosquitto');

describe('a shadow challenger', { skip: mosquitto.skip, timeout: 300_000 }, () => {
  it('looks at every frame, says nothing to the line, and shows where it would have decided otherwise', async () => {
    const broker = await startMosquitto(mosquitto, { config: ['set_tcp_nodelay true'] });
    const plc = await connectPlc(broker.url);
    const dir = tempDir();
    const line = await startTestInspector({ broker: broker.url, dir, over: { inspector: { mode: 'simulation' } } });
    await plc.untilReady();
    const registry = await Registry.open(join(dir, 'registry'));
    const card = { operatingPoint: { threshold: 0.001, greyZone: [0.0005, 0.001] as [number, number] } };
    await registry.put((await makeArtefact({ id: 'strict', card })).dir);
    const shadow = await startTestInspector({
      broker: broker.url,
      dir,
      over: {
        inspector: { id: 'shadow1', mode: 'shadow', dataDir: join(dir, 'shadow') },
        registry: { challenger: 'strict' },
      },
    });
    const isReady = async (): Promise<boolean> => (await fetch(`${shadow.url}/health/ready`)).status === 200;
    await until(isReady, 'the shadow to be ready');
    for (const [frameId, red] of [
      ['good', 40],
      ['doubtful', 80],
      ['bad', 200],
    ] as const) {
      // A shadow beside a simulated line: its model passes the same frames, and agrees.
      await plc.send(await redPicture(red), { frameId, partId: `part-${frameId}`, simulated: 'true' });
    }
    await plc.untilClosed(3);
    const past = async (): Promise<Verdict[]> =>
      VerdictPage.parse(await (await fetch(`${shadow.url}/api/verdicts`)).json()).verdicts;
    await until(async () => (await past()).length === 3, 'three verdicts of the shadow in its plant database');
    const words = plc.verdicts.map(({ frameId, verdict, bootId }) => `${frameId} ${verdict} ${bootId === line.bootId}`);
    assert.deepEqual(words.toSorted(), ['bad FAIL true', 'doubtful PASS true', 'good PASS true']);
    assert.ok(plc.states.every(({ inspectorId }) => inspectorId === 'inspector1'));
    assert.ok(plc.heartbeats.every(({ bootId }) => bootId === line.bootId));
    assert.equal(plc.records.length, 3);
    assert.equal((await registry.active('chip'))?.modelId, 'tiny-1', 'nobody was promoted');
    assert.deepEqual(
      (await past()).map(({ frameId, verdict }) => `${frameId} ${verdict}`).toSorted(),
      ['bad FAIL', 'doubtful FAIL', 'good PASS'],
      "a simulated frame gets the challenger's own word",
    );
    const where = ['--line', join(dir, 'data'), '--shadow', join(dir, 'shadow')];
    const { stdout, exitCode } = await runLineside(['shadow', 'compare', ...where]);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^1 of 3 frames that both models judged were decided otherwise \(33\.33 %\)/);
    assert.match(stdout, /cam1 +part-doubtful +doubtful +PASS 0\.003 +FAIL 0\.003/);
    const nowhere = await runLineside(['shadow', 'compare', '--line', dir, '--shadow', dir]);
    assert.match(nowhere.stderr, /^error LEDGER_MISSING: .*inspector\.dataDir/);
  });

  it('follows the change-overs of the line, also those of before it; where it has not the recipe it judges nothing', async () => {
    const broker = await startMosquitto(mosquitto, { config: ['set_tcp_nodelay true'] });
    const plc = await connectPlc(broker.url);
    const dir = tempDir();
    const recipes = { chip: 5_000, board: 9_000 };
    await startTestInspector({ broker: broker.url, dir, recipes: { ...recipes, lid: 9_000 } });
    await plc.untilReady();
    const changeOver = async (recipe: string): Promise<void> => {
      assert.equal((await plc.command({ command: 'changeover', recipe, by: 'Ada Lovelace' })).ok, true);
      await plc.untilReady();
    };
    await changeOver('board');
    const inspector = { id: 'shadow1', mode: 'shadow', dataDir: join(dir, 'shadow') };
    const shadow = await startTestInspector({ broker: broker.url, dir, recipes, over: { inspector } });
    await until(async () => (await fetch(`${shadow.url}/health/ready`)).status === 200, 'the shadow to be ready');
    let sent = 0;
    /** One more frame. @returns how the shadow judged it */
    const judge = async (): Promise<string> => {
      const frameId = `f${sent}`;
      sent += 1;
      await plc.send(await redPicture(60), { frameId, partId: frameId });
      let found: Verdict | undefined;
      await until(async () => {
        const page = await fetch(`${shadow.url}/api/verdicts?partId=${frameId}`);
        [found] = VerdictPage.parse(await page.json()).verdicts;
        return found !== undefined;
      }, `the shadow's verdict on ${frameId}`);
      return `${found?.recipe} ${found?.reason}`;
    };
    assert.equal(await judge(), 'board MODEL', 'of before');
    await changeOver('chip');
    await until(async () => (await judge()) === 'chip MODEL', 'the shadow to follow');
    await changeOver('lid');
    await until(async () => (await judge()).endsWith(' NO_RECIPE'), 'the shadow to stand by');
    assert.equal((await fetch(`${shadow.url}/health/ready`)).status, 503);
    await changeOver('board');
    await until(async () => (await judge()) === 'board MODEL', 'the shadow to go on');
    await plc.untilClosed(sent);
    const { stdout } = await runLineside([
      'shadow',
      'compare',
      ...['--line', join(dir, 'data'), '--shadow', join(dir, 'shadow')],
    ]);
    assert.match(stdout, /^0 of \d+ frames that both models judged were decided otherwise/);
    assert.match(stdout, /frames that the two judged by different recipes are left out\.\n/);
  });
});
