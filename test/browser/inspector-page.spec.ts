import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { redPicture } from '../factories/artefact.js';
import { openBrowser, seen } from '../factories/browser.js';
import { startTestInspector } from '../factories/inspector.js';
import { startMosquitto } from '../factories/mosquitto.js';
import { connectPlc } from '../factories/plc.js';
import { requireTool, tempDir } from '../factories/tools.js';

const chromium = requireTool('chromium');
const mosquitto = requireTool('mosquitto');

describe('the page of a running inspector', { skip: chromium.skip || mosquitto.skip, timeout: 300_000 }, () => {
  let browser: Browser;
  before(async () => {
    browser = await openBrowser(chromium);
  });
  after(() => browser.close());

  it('shows a frame from the camera to the picture of its reject, and the reject again after a restart', async () => {
    const broker = await startMosquitto(mosquitto);
    const plc = await connectPlc(broker.url);
    const dir = tempDir();
    const roi = { cam1: { x: 8, y: 8, width: 48, height: 32 } };
    const over = { inspector: { mode: 'simulation' } };
    const options = { broker: broker.url, dir, over, roi };
    const first = await startTestInspector(options);
    await plc.untilReady('cam1');
    const page = await browser.newPage();
    await page.goto(first.url);
    const card = page.getByRole('article', { name: 'Camera cam1' });
    await seen(card.getByText('READY · no inference yet'));

    const picture = await redPicture(230, { width: 96, height: 64 });
    await plc.send(picture, { frameId: 'f/1', partId: 'SN-1', seq: '1', bootId: 'b1', simulated: 'true' });
    await seen(card.getByTestId('verdict').getByText('FAIL'));
    await seen(card.getByText('SN-1'));
    await seen(card.getByTestId('roi'));
    await seen(card.getByText('onnx-cpu fp32'));
    await seen(page.getByText('Simulated', { exact: true }));
    await seen(page.getByText('1 of 1 inspected'));
    const kept = await page.request.get(`${first.url}/api/frames/f%2F1/picture`);
    assert.deepEqual(await kept.body(), picture);

    await first.stop();
    const second = await startTestInspector(options);
    await page.goto(second.url);
    await page.getByTestId('parts').getByRole('button', { name: 'defect' }).click();
    await seen(page.getByRole('dialog').getByText('SN-1'));
    await seen(page.getByRole('dialog').getByText('onnx-cpu fp32'));
    await seen(page.getByRole('dialog').getByRole('img', { name: /^Frame f\/1/ }));
    // Closed in an earlier run of the inspector: a person can still decide.
    const form = page.getByRole('form', { name: 'Decide about this part' });
    await form.getByText('Rework').click();
    await form.getByLabel('Your name').fill('Ada Lovelace');
    await form.getByRole('button', { name: 'Record decision' }).click();
    await seen(page.getByRole('listitem').getByText(/by Ada Lovelace/));
    await plc.until(() => plc.overrides.length === 1, 'the override on the record topic');
    assert.deepEqual(
      plc.overrides.map(({ frameId, disposition, machine }) => `${frameId} ${disposition} ${machine.verdict}`),
      ['f/1 rework FAIL'],
    );
    await page.close();
  });
});
