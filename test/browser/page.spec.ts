import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { ConflictException } from '@nestjs/common';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import type {
  AcknowledgeRequest,
  Alert,
  Override,
  OverrideQuery,
  OverrideRequest,
  PartPage,
  PartQuery,
  PartVerdict,
  Verdict,
  VerdictPage,
  VerdictQuery,
} from '#contracts';
import { LiveBoard } from '../../apps/inspector/src/dashboard/live-board.js';
import { PagePeople } from '../../apps/inspector/src/dashboard/people.js';
import { PageRecords } from '../../apps/inspector/src/dashboard/records.js';
import { counted, gone, openBrowser, seen } from '../factories/browser.js';
import { makeOverride } from '../factories/frames.js';
import {
  makeAlert as makeAlertAt,
  makeCameraState,
  makePartVerdict,
  makePartWithoutTop,
  makeVerdict,
  VIEWS,
} from '../factories/live.js';
import { type PageServer, startPageServer } from '../factories/page-server.js';
import { startTcpServer } from '../factories/tcp-server.js';
import { freePort, requireTool } from '../factories/tools.js';
import { until } from '../factories/until.js';

const tool = requireTool('chromium');

describe('the live page in a browser', { skip: tool.skip }, () => {
  let browser: Browser;
  let picture: Uint8Array;

  before(async () => {
    browser = await openBrowser(tool);
    picture = await sharp({ create: { width: 320, height: 240, channels: 3, background: '#886644' } })
      .jpeg()
      .toBuffer();
  });
  after(() => browser.close());

  /** A ready line of two cameras at this moment of the clock, shown in a page of its own. */
  async function openPage({
    isShadow = false,
    people = new TwoPeople(),
    cameras = ['cam1', 'cam2'],
    hasParts = false,
    /** Its clock can be held. */
    isTimed = false,
    /** Where the page finds the server on this port. */
    hostOf = async (port: number) => `127.0.0.1:${port}`,
  } = {}): Promise<OpenedPage> {
    const board = makeBoardNow({ isShadow, cameras, hasParts });
    people.board = board;
    const records = new KeptPictures(picture);
    const server = await startPageServer({ board, records, people, port: await freePort() });
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
    after(() => context.close());
    const page = await context.newPage();
    if (isTimed) await page.clock.install();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    after(() => assert.deepEqual(problems, []));
    const show: ShowPart = (overrides) => showPart(board, picture, overrides);
    show({ verdict: 'PASS', partId: 'SN-first' });
    await page.goto(`http://${await hostOf(server.port)}`);
    return { page, board, server, records, show };
  }

  it('shows in the colours of a high contrast, too, what is chosen and where the score stands', async () => {
    const { page } = await openPage();
    await seen(page.getByRole('article', { name: 'Camera cam1' }).getByTestId('verdict').getByText('PASS'));
    await page.emulateMedia({ forcedColors: 'active' });
    const groundOf = (where: string) =>
      page.evaluate<string>(`getComputedStyle(document.querySelector('${where}')).backgroundColor`);
    assert.notEqual(
      await groundOf('[type=radio]:checked + label'),
      await groundOf('[type=radio]:not(:checked) + label'),
    );
    const paper = await groundOf('body');
    for (const mark of ['score', 'threshold'])
      assert.notEqual(await groundOf(`[aria-label^="Score"] [class*="${mark}"]`), paper);
  });

  it('shows the snapshot, then every verdict as it comes, with its picture and region', async () => {
    const { page, show } = await openPage();
    const card = page.getByRole('article', { name: 'Camera cam1' });
    await seen(card.getByTestId('verdict').getByText('PASS'));
    await seen(card.getByText('SN-first'));
    await seen(card.getByTestId('roi'));
    show({ verdict: 'FAIL', partId: 'SN-second', defectClass: 'crack', score: 0.93 });
    await seen(card.getByTestId('verdict').getByText('FAIL'));
    await seen(card.getByText('crack', { exact: true }));
    await seen(card.getByText('SN-second'));
    assert.equal(await card.getByTestId('verdict').getAttribute('data-tone'), 'fail');
    await seen(page.getByText('1 of 2 inspected'));
    await seen(page.getByText('1 of 2 parts'));
  });

  it('speaks of parts where they have several views: one that lacks a view is rejected, though its frame passed', async () => {
    const { page, board, show } = await openPage({ hasParts: true });
    const now = new Date().toISOString();
    const ts = { first: now, decided: now };
    const whole = makePartVerdict({ ts });
    board.showPart(whole);
    show({ verdict: 'PASS', camera: 'cam2', frameId: 'side', partId: 'SN-half' });
    board.showPart(makePartWithoutTop({ ts, partId: 'SN-half' }));
    await seen(page.getByRole('article', { name: 'Camera cam2' }).getByTestId('verdict').getByText('this view'));
    const counts = page.getByRole('region', { name: 'Counts' });
    await seen(counts.getByText('Parts inspected'));
    await seen(counts.getByText('1 lack a view'));
    await counted(counts.getByText('1 of 2 parts'), 2);
    const part = page.getByRole('region', { name: 'Last rejected parts' }).getByRole('listitem');
    await seen(part.getByText('View top missing'));
    assert.match((await part.textContent()) ?? '', /SN-half.*top missing.*side PASS/);

    await page.getByRole('radiogroup', { name: 'Verdict' }).getByText('Pass', { exact: true }).click();
    await seen(page.getByRole('region', { name: 'Last parts' }).locator(`[data-inspection="${whole.inspection}"]`));
    await page.getByRole('radiogroup', { name: 'Listed' }).getByText('Views').click();
    await seen(page.getByRole('region', { name: 'Last views' }).locator('[data-frame="side"]'));
    await page.getByRole('radiogroup', { name: 'Camera' }).getByText('cam2').click();
    await seen(counts.getByText('Views inspected'));
    await counted(counts.getByText('1 of 1 views'), 1);
  });

  it('says of a camera that takes no view of the parts that its frames are of no part', async () => {
    const { page, show } = await openPage({ hasParts: true, cameras: ['cam1', 'cam2', 'cam3'] });
    show({ verdict: 'FAIL', camera: 'cam3' });
    await seen(page.getByRole('article', { name: 'Camera cam3' }).getByTestId('verdict').getByText('of no part'));
    await seen(page.getByRole('article', { name: 'Camera cam1' }).getByTestId('verdict').getByText('this view'));
    await page.getByRole('radiogroup', { name: 'Camera' }).getByText('cam3').click();
    await seen(page.getByRole('region', { name: 'Counts' }).getByText('Frames inspected'));
    await counted(page.getByRole('region', { name: 'Last rejected frames' }).getByRole('listitem'), 1);
  });

  it('opens the views of a rejected part with their pictures, and takes a decision about the whole part', async () => {
    const { page, board, records } = await openPage({ hasParts: true });
    const now = new Date().toISOString();
    const part = makePartVerdict({ partId: 'SN-bad', verdict: 'FAIL', ts: { first: now, decided: now } });
    const [top, side] = part.views.map(({ camera, frameId }, i) =>
      makeVerdict({ frameId: frameId ?? '', camera, partId: 'SN-bad', verdict: i === 0 ? 'FAIL' : 'PASS' }),
    );
    assert.ok(top && side);
    records.past = [top, side];
    records.pastParts = [part];
    board.showPart(part);
    const row = page.locator(`[data-inspection="${part.inspection}"]`);
    await row.click();
    const details = page.getByRole('dialog', { name: /^FAIL crack SN-bad$/ });
    const ofView = page.getByRole('dialog', { name: /^PASS .* this view SN-bad · cam2$/ });
    await seen(details.getByRole('heading').getByText('SN-bad'));
    const views = details.getByRole('list', { name: 'Views' }).getByRole('listitem');
    await seen(views.nth(0).getByText('top: FAIL'));
    await seen(views.nth(0).getByText('crack'));
    await seen(views.nth(1).getByText('side: PASS'));
    await counted(views.getByRole('img', { name: /^Frame/ }), 2);

    const form = details.getByRole('form', { name: 'Decide about this part' });
    await form.getByText('Rework').click();
    await form.getByLabel('Your name').fill('Ada Lovelace');
    await form.getByRole('button', { name: 'Record decision' }).click();
    await seen(details.getByRole('region', { name: 'Decisions of people' }).getByRole('listitem').getByText('Rework'));

    await views.nth(1).getByRole('button').click();
    await seen(ofView.getByText(side.frameId, { exact: true }));
    assert.equal(
      await ofView.getByRole('listitem').getByText('Rework').count(),
      0,
      'said of the part, not of this frame',
    );
    await page.keyboard.press('Escape');
    await gone(ofView);
    await seen(details);
    await page.keyboard.press('Escape');
    await gone(details);
  });

  it('finds past parts of several views by name or time, and steps through what it found', async () => {
    const { page, records } = await openPage({ hasParts: true });
    records.pastParts = [
      makePartVerdict({ partId: 'SN-9', verdict: 'PASS' }),
      makePartWithoutTop({ partId: 'SN-9', lot: 'L1' }),
    ];
    const rows = page.getByTestId('multi-view-parts').getByRole('button');
    await page.getByRole('button', { name: 'Search a part, lot or time' }).click();
    await page.keyboard.type('SN-9');
    await page.keyboard.press('Enter');
    await seen(page.getByRole('region', { name: 'Part SN-9' }));
    await counted(rows, 2);
    assert.deepEqual(records.askedParts, [{ partId: 'SN-9', limit: 50 }]);
    await rows.first().click();
    await seen(page.getByRole('dialog').getByRole('heading').getByText('PASS'));
    await page.keyboard.press('ArrowRight');
    await seen(page.getByRole('dialog').getByText('No verdict on this view within the window'));
    await page.keyboard.press('Escape');
    await page.getByRole('radiogroup', { name: 'Listed' }).getByText('Views').click();
    await until(() => records.asked.length === 1, 'the same question about frames');
    assert.deepEqual(records.asked, [{ partId: 'SN-9', limit: 50 }]);
  });

  it('tells of challenge parts what was caught and missed, and never a yield', async () => {
    const { page, show } = await openPage();
    show({ verdict: 'FAIL', challenge: true });
    show({ verdict: 'INCONCLUSIVE', reason: 'CHALLENGE', challenge: true, score: 0.04 });
    show({ verdict: 'INCONCLUSIVE', reason: 'CHALLENGE', score: null });
    await seen(page.getByTestId('parts').getByText('Camera locked'));
    await page.getByRole('radiogroup', { name: 'Stream counted' }).getByText('Challenge parts').click();
    const counts = page.getByRole('region', { name: 'Counts' });
    await seen(counts.getByText('let through by the model'));
    const tiles = await counts.locator('dl').allTextContents();
    assert.deepEqual(
      tiles.slice(0, 3).map((tile) => tile?.match(/^\D+\d+/)?.[0]),
      ['Caught1', 'Missed1', 'Void0'],
    );
    await seen(page.getByText('there is nothing to chart'));
  });

  it('says of an undecided part why, not which defect it leant to', async () => {
    const { page, show } = await openPage();
    show({ verdict: 'INCONCLUSIVE', reason: 'UNFAMILIAR', defectClass: 'crack', score: 0.02 });
    const band = page.getByRole('article', { name: 'Camera cam1' }).getByTestId('verdict');
    await seen(band.getByText('Unlike anything trained on'));
    await seen(band.getByText('most like crack'));
    await seen(page.getByTestId('parts').getByText('Unlike anything trained on'));
    assert.equal(await page.getByTestId('parts').getByText('crack').count(), 0);
  });

  it('leaves room for the reason beside the longest word, also of a part that has long gone by', async () => {
    const { page, show } = await openPage();
    const received = new Date(Date.now() - 60_000).toISOString();
    const ts = { capture: null, received, decided: received };
    show({ verdict: 'INCONCLUSIVE', camera: 'cam2', reason: 'UNFAMILIAR', score: null, ts });
    const band = page.getByRole('article', { name: 'Camera cam2' }).getByTestId('verdict');
    await seen(band.getByText('Unlike anything trained on'));
    await page.setViewportSize({ width: 1920, height: 1080 });
    assert.equal(await band.getAttribute('data-tone'), 'none');
    const why = await band.locator('p').evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
    assert.equal(why, 0);
  });

  it('shows no colour for a camera that is not ready, or where no model looked yet', async () => {
    const { page, board } = await openPage();
    await seen(page.getByTestId('state-cam2').getByText('READY · no inference yet'));
    board.showCamera({
      camera: 'cam1',
      state: makeCameraState({ state: 'NOT_READY', reason: 'DISK', detail: '1 MiB free' }),
    });
    await seen(page.getByTestId('state-cam1').getByText('NOT READY · Disk almost full'));
    const band = page.getByRole('article', { name: 'Camera cam1' }).getByTestId('verdict');
    assert.equal(await band.getAttribute('data-tone'), 'alarm');
  });

  it('turns stale within three seconds of silence, and live again when the inspector is back', async () => {
    const { page, board, server, show } = await openPage({ isTimed: true });
    await seen(page.getByTestId('link').filter({ hasText: 'Live' }));
    // A leap, shorter than the socket's patience; what the inspector says next is of the moment after it.
    await page.clock.pauseAt((await page.evaluate<number>('Date.now()')) + 3_000);
    await gone(page.getByTestId('stale'));
    await server.stop();
    await page.clock.runFor(3_000);
    await seen(page.getByTestId('stale'));
    await page.clock.resume();
    await seen(page.getByTestId('state-cam1').getByText('UNKNOWN'));
    await seen(page.getByTestId('verdict').getByText('NO DATA').first());
    show({ verdict: 'FAIL', partId: 'SN-meanwhile', defectClass: 'scratch' });
    await startPageServer({ board, records: new KeptPictures(picture), port: server.port });
    await gone(page.getByTestId('stale'));
    await seen(page.getByText('SN-meanwhile'));
  });

  it('connects anew where its connection is dead and nobody said so, as after a computer slept', async () => {
    const cable = await layCable();
    const { page, show } = await openPage({ isTimed: true, hostOf: cable.lead });
    await seen(page.getByTestId('link').filter({ hasText: 'Live' }));
    await page.clock.pauseAt((await page.evaluate<number>('Date.now()')) + 1_000);
    await gone(page.getByTestId('stale'));
    cable.cut();
    show({ verdict: 'FAIL', frameId: 'asleep' });
    await page.clock.runFor(3_000);
    await seen(page.getByTestId('stale').getByText('the inspector sends nothing'));
    await page.clock.runFor(5_000);
    await gone(page.getByTestId('stale'));
    await seen(page.locator('[data-frame="asleep"]'));
  });

  it('says of a camera that is not ready why, and still which one it is', async () => {
    const { page, board } = await openPage();
    await page.setViewportSize({ width: 1280, height: 800 });
    board.showCamera({ camera: 'cam1', state: makeCameraState({ state: 'NOT_READY', reason: 'WORKERS' }) });
    await seen(page.getByTestId('state-cam1').getByText('NOT READY · Inference stopped'));
    const name = page.getByRole('heading', { name: 'cam1' });
    assert.equal(await name.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth), 0);
  });

  it('says in the details what cannot be had while the inspector is away, and gets it when that is back', async () => {
    const people = new TwoPeople();
    const { page, board, server, records, show } = await openPage({ people });
    show({ verdict: 'FAIL', frameId: 'f1', partId: 'SN-1' });
    await people.override({ frameId: 'f1', disposition: 'scrap', trueLabel: null, remark: null, by: 'Ada' });
    const tile = page.locator('[data-frame="f1"]');
    await seen(tile.locator('img'));
    await server.stop();
    await seen(page.getByTestId('stale'));
    await tile.click();
    const details = page.getByRole('dialog');
    await seen(details.getByText('Stale: this page hears nothing'));
    await seen(details.getByText('Decisions made before cannot be shown now.'));
    await details.getByText('Rework').click();
    await details.getByLabel('Your name').fill('Ada Lovelace');
    await details.getByRole('button', { name: 'Record decision' }).click();
    await seen(details.getByText(/may not have been recorded/));
    await startPageServer({ board, records, people, port: server.port });
    await gone(details.getByText('Decisions made before cannot be shown now.'));
    await seen(details.getByRole('listitem').getByText('Scrap'));
    await gone(details.getByText('Stale: this page hears nothing'));
  });

  it('says in the details, which cover the alarms, that one is on which nobody has acknowledged', async () => {
    const { page, board, show } = await openPage();
    show({ verdict: 'FAIL', frameId: 'f1' });
    await page.locator('[data-frame="f1"]').click();
    const details = page.getByRole('dialog');
    await seen(details);
    board.showAlert(makeAlert({ code: 'REJECT_RATE' }));
    await seen(details.getByText('Alarm REJECT_RATE nobody has acknowledged'));
    board.showAlert(makeAlert({ code: 'DISK' }));
    await seen(details.getByText('2 alarms nobody has acknowledged'));
    for (const code of ['REJECT_RATE', 'DISK']) board.showAlert(makeAlert({ code, active: false }));
    await gone(details.getByText(/nobody has acknowledged/));
  });

  it('shows pictures that failed while the inspector was away, when it is back', async () => {
    const { page, board, server, records, show } = await openPage();
    let isAway = true;
    await page.route('**/picture', (route) => (isAway ? route.abort() : route.continue()));
    show({ verdict: 'PASS', frameId: 'f1' });
    await page.getByRole('radiogroup', { name: 'Verdict' }).getByText('All', { exact: true }).click();
    const tile = page.locator('[data-frame="f1"]');
    await seen(tile);
    await gone(tile.locator('img'));
    await server.stop();
    isAway = false;
    await startPageServer({ board, records, port: server.port });
    await seen(tile.locator('img'));
  });

  it('shows no part of its former life after the inspector started anew', async () => {
    const { page, server } = await openPage();
    const card = page.getByRole('article', { name: 'Camera cam1' });
    await seen(card.getByText('SN-first'));
    await server.stop();
    const board = makeBoardNow();
    await startPageServer({ board, records: new KeptPictures(picture), port: server.port });
    await seen(card.getByTestId('verdict').getByText('WAITING'));
    await gone(card.getByText('SN-first'));
    assert.equal(await card.getByRole('img', { name: /^Frame/ }).count(), 0);
  });

  it('fits a wall screen that nobody scrolls, however many rejects and alarms there are', async () => {
    const { page, board, show } = await openPage();
    for (let part = 0; part < 40; part += 1) show({ verdict: 'FAIL', partId: `SN-${part}`, defectClass: 'crack' });
    for (let code = 0; code < 20; code += 1) board.showAlert(makeAlert({ code: `TROUBLE_${code}` }));
    await counted(page.getByTestId('parts').getByRole('button'), 40);
    await seen(page.getByTestId('alarm-TROUBLE_19'));
    assert.deepEqual(await sizeOf(page), { width: 1366, height: 768 });
    const band = await page.getByRole('article', { name: 'Camera cam1' }).boundingBox();
    assert.ok(band !== null && band.y + band.height <= 768, `the camera is at ${JSON.stringify(band)}`);
  });

  it('shows every camera of sixty on a wall screen with name, state and verdict, or says how many are below', async () => {
    const cameras = Array.from({ length: 60 }, (_, n) => `cam${n + 1}`);
    const { page, board, show } = await openPage({ cameras });
    await page.setViewportSize({ width: 1920, height: 1080 });
    for (const camera of cameras) show({ camera });
    const cards = page.getByRole('article');
    await counted(cards, 60);
    await counted(page.getByTestId('verdict').getByText('PASS'), 60);
    const boxes = await Promise.all((await cards.all()).map((card) => card.boundingBox()));
    assert.deepEqual(
      boxes.filter((box) => box === null || box.y + box.height > 1080),
      [],
    );
    assert.equal(await page.getByText(/more below/).count(), 0);

    board.showCamera({ camera: 'cam60', state: makeCameraState({ state: 'NOT_READY', reason: 'WORKERS' }) });
    await page.setViewportSize({ width: 1100, height: 580 });
    await seen(page.getByText(/^\d+ more below, 1 not ready$/));
  });

  it('says that it does not fit the inspector, and has loaded itself anew once', async () => {
    const { page, board, server } = await openPage();
    await seen(page.getByRole('article'));
    const snapshot = board.snapshot.bind(board);
    let asked = 0;
    board.snapshot = (now) => {
      asked += 1;
      return Object.assign(snapshot(now), { schema: 'lineside.live/99' });
    };
    await page.goto(server.url);
    await seen(page.getByRole('alert').getByText('different versions'));
    await until(() => asked > 2, 'it asks again');
    await seen(page.getByRole('alert').getByText('different versions'));
    assert.equal(await page.evaluate('performance.getEntriesByType("navigation")[0].type'), 'reload');
    board.snapshot = snapshot;
    await seen(page.getByRole('article'));
  });

  it('leads back from a camera that is not there', async () => {
    const { page, server } = await openPage();
    await page.goto(`${server.url}/?camera=gone`);
    await page.getByRole('button', { name: 'Show all cameras' }).click();
    await counted(page.getByRole('article'), 2);
  });

  it('fits a tablet again after it was turned', async () => {
    const { page, show } = await openPage();
    show({ verdict: 'FAIL', defectClass: 'crack' });
    const chart = page.getByRole('img', { name: /^Reject rate per minute/ });
    for (const [width, height] of [
      [820, 1180],
      [1180, 820],
    ] as const) {
      await page.setViewportSize({ width, height });
      await seen(chart.locator('canvas'));
      await cameTrue(page, CHART_FITS);
      assert.equal((await sizeOf(page)).width, width);
    }
  });

  it('keeps every figure within its tile on a small laptop whose page is zoomed to 200 %', async () => {
    const { page, show } = await openPage();
    for (let part = 0; part < 2; part += 1) show({ verdict: 'FAIL' });
    await page.setViewportSize({ width: 640, height: 400 });
    await seen(page.getByText('66.7 %'));
    const beyond = await page
      .getByRole('region', { name: 'Counts' })
      .locator('dd')
      .evaluateAll((figures) => figures.filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.textContent));
    assert.deepEqual(beyond, []);
  });

  it('can be read on a phone: no button beyond the edge, no letters below 11 pixels', async () => {
    const { page, show } = await openPage({ hasParts: true });
    show({ verdict: 'FAIL', defectClass: 'crack' });
    await page.setViewportSize({ width: 390, height: 844 });
    await seen(page.getByRole('radiogroup', { name: 'Listed' }));
    const buttons = await page.getByRole('button').all();
    assert.ok(buttons.length >= 3);
    for (const button of buttons) {
      const box = await button.boundingBox();
      assert.ok(
        box !== null && box.x >= 0 && box.x + box.width <= 390 - 8,
        `${await button.textContent()} is at ${JSON.stringify(box)}`,
      );
    }
    assert.ok(Number(await page.evaluate(SMALLEST_LETTERS)) >= 11);
  });

  it('shows alarms and cameras on a phone first, the figures of the shift below them', async () => {
    const { page, board } = await openPage();
    board.showAlert(makeAlert({ code: 'REJECT_RATE' }));
    await page.setViewportSize({ width: 390, height: 844 });
    const parts = [
      page.getByTestId('alarm-REJECT_RATE'),
      page.getByRole('region', { name: 'Cameras' }),
      page.getByRole('region', { name: 'Counts' }),
    ];
    for (const part of parts) await seen(part);
    const tops = await Promise.all(parts.map(async (part) => (await part.boundingBox())?.y ?? Number.NaN));
    assert.deepEqual(
      tops,
      tops.toSorted((a, b) => a - b),
    );
    assert.ok((tops[1] ?? Number.NaN) < 844 / 2, `cameras begin at ${tops[1]}`);
  });

  it('shows forty cameras on a phone by name, state and verdict, in rows that a thumb gets through', async () => {
    const cameras = Array.from({ length: 40 }, (_, n) => `cam${n + 1}`);
    const { page, board, show } = await openPage({ cameras });
    await page.setViewportSize({ width: 390, height: 844 });
    for (const camera of cameras) show({ camera, verdict: 'INCONCLUSIVE' });
    board.showCamera({
      camera: 'cam40',
      state: makeCameraState({ camera: 'cam40', state: 'NOT_READY', reason: 'WORKERS' }),
    });
    await counted(page.getByTestId('verdict').getByText('INCONCLUSIVE'), 39);
    const last = page.getByRole('article', { name: 'Camera cam40' });
    await seen(last.getByTestId('verdict').getByText('NOT READY'));
    const box = await last.boundingBox();
    assert.ok(box !== null && box.y < 4 * 844, `the last camera is at ${JSON.stringify(box)}`);
    const cut = await page
      .locator('article :is(h2, strong)')
      .evaluateAll((words) => words.filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.textContent));
    assert.deepEqual(cut, []);
  });

  it('says on a phone all of why a camera is not ready and what to do', async () => {
    const { page, board } = await openPage();
    await page.setViewportSize({ width: 390, height: 844 });
    const detail =
      'Recipe chip has no active model in var/registry. Train one, then promote it: lineside promote ID --recipe chip --by NAME.';
    board.showCamera({ camera: 'cam1', state: makeCameraState({ state: 'NOT_READY', reason: 'NO_MODEL', detail }) });
    const words = page.getByTestId('verdict').getByText(detail);
    await seen(words);
    assert.equal(await words.evaluate(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight), 0);
  });

  it('filters by camera and by verdict, and keeps the filter in its address', async () => {
    const { page, show } = await openPage();
    show({ verdict: 'FAIL', camera: 'cam1', defectClass: 'crack' });
    show({ verdict: 'INCONCLUSIVE', camera: 'cam2', reason: 'GREY_ZONE', defectClass: 'tombstone' });
    const parts = page.getByTestId('parts').getByRole('button');
    await counted(parts, 2);
    await page.getByRole('radiogroup', { name: 'Verdict' }).getByText('Fail', { exact: true }).click();
    await counted(parts, 1);
    await seen(page.getByTestId('parts').getByText('crack'));
    await page.getByRole('radiogroup', { name: 'Verdict' }).getByText('Rejects').click();
    await page.getByRole('radiogroup', { name: 'Camera' }).getByText('cam2').click();
    await counted(parts, 1);
    await seen(page.getByTestId('parts').getByText('Grey zone'));
    await counted(page.getByRole('article'), 1);
    await page.reload();
    await counted(page.getByRole('article'), 1);
    assert.match(page.url(), /camera=cam2/);
  });

  it('opens a reject with its picture and its whole record, and steps to the next', async () => {
    const { page, show } = await openPage();
    show({ verdict: 'FAIL', partId: 'SN-old', defectClass: 'scratch' });
    show({ verdict: 'FAIL', partId: 'SN-new', frameId: 'new', defectClass: 'crack' });
    await page.getByTestId('parts').getByRole('button').first().press('Enter');
    const details = page.getByRole('dialog');
    await seen(details.getByText('SN-new'));
    await seen(details.getByRole('img', { name: /^Frame/ }));
    await page.keyboard.press('ArrowRight');
    await seen(details.getByText('SN-old').first());
    await page.keyboard.press('Escape');
    await gone(details);
    assert.equal(await focusedFrame(page), 'new', 'the keyboard is back on the tile');
  });

  it('steps through the parts that were listed when one was opened, whatever comes meanwhile', async () => {
    const { page, show } = await openPage();
    for (const frameId of ['older', 'newer']) show({ verdict: 'FAIL', frameId, partId: `SN-${frameId}` });
    await page.getByTestId('parts').getByRole('button').first().click();
    const details = page.getByRole('dialog');
    await seen(details.getByRole('heading').getByText('SN-newer'));
    for (let part = 0; part < 70; part += 1) show({ verdict: 'FAIL' });
    await gone(page.locator('[data-frame="older"]'));
    await page.keyboard.press('ArrowRight');
    await seen(details.getByRole('heading').getByText('SN-older'));
  });

  it('loads older parts without leaving any out, also of those that leave the live ones meanwhile', async () => {
    const { page, records, show } = await openPage();
    for (let part = 0; part < 60; part += 1) show({ verdict: 'FAIL', frameId: `live-${part}` });
    records.past = Array.from({ length: 70 }, (_, n) => makeVerdict({ verdict: 'FAIL', frameId: `past-${n}` }));
    const tiles = page.getByTestId('parts').getByRole('button');
    await counted(tiles, 60);
    await page.getByRole('button', { name: 'Older' }).click();
    await counted(tiles, 110);
    assert.equal(records.asked.at(-1)?.beforeFrame, 'live-0');
    for (let part = 60; part < 80; part += 1) show({ verdict: 'FAIL', frameId: `live-${part}` });
    await counted(tiles, 130);
    await page.getByRole('button', { name: 'Older' }).click();
    await counted(tiles, 150);
    await seen(page.getByRole('button', { name: 'No older ones' }));
    const ids = await page.evaluate<string[]>(
      '[...document.querySelectorAll("[data-frame]")].map((e) => e.dataset.frame)',
    );
    const live = Array.from({ length: 80 }, (_, n) => `live-${79 - n}`);
    assert.deepEqual(ids, [...live, ...records.past.map(({ frameId }) => frameId)]);
  });

  it('finds a part by its id, whatever became of it, and goes back to the last ones', async () => {
    const { page, records, show } = await openPage();
    show({ verdict: 'FAIL', partId: 'SN-live' });
    records.past = ['FAIL', 'PASS'].map((verdict) =>
      makeVerdict({ verdict: verdict as 'FAIL' | 'PASS', partId: 'SN-9' }),
    );
    const tiles = page.getByTestId('parts').getByRole('button');
    await counted(tiles, 1);
    await page.getByRole('button', { name: 'Search a part, lot or time' }).click();
    await page.keyboard.type(' SN-9');
    await page.keyboard.press('Enter');
    await seen(page.getByRole('region', { name: 'Part SN-9' }));
    await counted(tiles, 2);
    assert.deepEqual(records.asked, [{ partId: 'SN-9', limit: 50 }]);
    await page.getByLabel('Part id').fill('SN-404');
    await page.keyboard.press('Enter');
    await seen(page.getByText('Nothing of that name is recorded.'));
    await page.getByRole('button', { name: 'Close search' }).click();
    await counted(tiles, 1);
  });

  it('finds what was decided in a span of time, rejects unless asked otherwise', async () => {
    const { page, records } = await openPage();
    records.past = [makeVerdict({ verdict: 'FAIL' })];
    const tiles = page.getByTestId('parts').getByRole('button');
    await page.getByRole('button', { name: 'Search a part, lot or time' }).click();
    await page.getByText('Time', { exact: true }).click();
    await page.getByLabel('Decided from').fill('2026-03-01T08:00');
    await page.keyboard.press('Enter');
    await seen(page.getByRole('region', { name: /^Since 1 Mar 08:00:00$/ }));
    await counted(tiles, 1);
    await page.getByLabel('Decided before').fill('2026-03-01T08:30');
    await page.keyboard.press('Enter');
    await seen(page.getByRole('region', { name: '1 Mar 08:00:00 to 1 Mar 08:30:00' }));
    await page.getByRole('radiogroup', { name: 'Verdict' }).getByText('Pass').click();
    const span = await page.evaluate<{ from: string; before: string }>(
      '({ from: new Date(2026, 2, 1, 8).toISOString(), before: new Date(2026, 2, 1, 8, 30).toISOString() })',
    );
    await until(() => records.asked.length === 3, 'the third question');
    assert.deepEqual(records.asked, [
      { from: span.from, verdict: 'REJECT', limit: 50 },
      { ...span, verdict: 'REJECT', limit: 50 },
      { ...span, verdict: 'PASS', limit: 50 },
    ]);
  });

  it('takes the acknowledgement of an alarm: asks for the name once, keeps it, and shows who has seen it', async () => {
    const people = new TwoPeople();
    const { page, board } = await openPage({ people });
    for (const code of ['REJECT_RATE', 'DISK']) board.showAlert(makeAlert({ code }));
    const [rate, disk] = [page.getByTestId('alarm-REJECT_RATE'), page.getByTestId('alarm-DISK')];
    await seen(rate.getByText('For Shift lead.'));
    const button = rate.getByRole('button', { name: 'Acknowledge' });
    assert.equal(await button.getAttribute('aria-haspopup'), 'dialog');
    await button.click();
    await page.getByLabel('Your name').fill('Ada Lovelace');
    await page.keyboard.press('Enter');
    await seen(rate.getByText(/Acknowledged by Ada Lovelace, \d+\.\d s ago/));
    assert.equal(await rate.getByRole('button').count(), 0);
    assert.equal(await page.evaluate('document.activeElement.getAttribute("aria-label")'), 'Alarms');
    await page.reload();
    await disk.getByRole('button', { name: 'Acknowledge as Ada Lovelace' }).click();
    await seen(disk.getByText(/Acknowledged by Ada Lovelace/));
    assert.deepEqual(people.acknowledged, ['REJECT_RATE by Ada Lovelace', 'DISK by Ada Lovelace']);
  });

  it('shows what several cameras say as one alarm, acknowledged for all of them', async () => {
    const people = new TwoPeople();
    const { page, board } = await openPage({ people });
    for (const camera of ['cam1', 'cam2']) board.showAlert(makeAlert({ camera }));
    const rate = page.getByTestId('alarm-REJECT_RATE');
    await seen(rate.getByText('cam1, cam2 · REJECT_RATE'));
    await counted(rate, 1);
    await rate.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByLabel('Your name').fill('Ada Lovelace');
    await page.keyboard.press('Enter');
    await seen(rate.filter({ hasText: 'cam1, cam2' }).getByText(/Acknowledged by Ada Lovelace/));
    assert.equal(people.acknowledged.length, 2);
  });

  it('keeps an alarm that ended before anybody saw it, in its place, until somebody has', async () => {
    const { page, board } = await openPage();
    const flickers = makeAlert({ code: 'OVERLOAD' });
    for (const alert of [flickers, makeAlert({})]) board.showAlert(alert);
    const row = page.getByTestId('alarm-OVERLOAD');
    await seen(row.getByText(/^for \d+\.\d s$/));
    const place = await row.boundingBox();
    board.showAlert({ ...flickers, active: false });
    await seen(row.getByText(/^ended \d\d:\d\d:\d\d$/));
    assert.deepEqual(await row.boundingBox(), place);
    await row.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByLabel('Your name').fill('Ada Lovelace');
    await page.keyboard.press('Enter');
    await gone(row);
    assert.equal(await page.getByTestId('alarm-REJECT_RATE').count(), 1);
  });

  it('takes no press of a button that came under the hand a moment ago', async () => {
    const { page, board } = await openPage();
    board.showAlert(makeAlert({}));
    const button = page.getByTestId('alarm-REJECT_RATE').getByRole('button', { name: 'Acknowledge' });
    await button.click({ trial: true });
    board.showAlert(makeAlert({ code: 'DISK' }));
    await cameTrue(page, PRESSED_TOO_SOON);
    assert.equal(await page.getByLabel('Your name').count(), 0);
    await button.click();
    await seen(page.getByLabel('Your name'));
  });

  it('takes a decision about a part by name, and shows it beside the machine’s verdict', async () => {
    const { page, show } = await openPage();
    show({ verdict: 'FAIL', partId: 'SN-1', defectClass: 'crack' });
    await page.getByTestId('parts').getByRole('button').first().click();
    const form = page.getByRole('form', { name: 'Decide about this part' });
    const record = form.getByRole('button', { name: 'Record decision' });
    await form.getByLabel('Your name').fill('Ada Lovelace');
    assert.equal(await record.isDisabled(), true, 'nothing is chosen yet');
    await form.getByText('Use as is').click();
    await form.getByLabel('What it really is').fill('good');
    await form.getByLabel('Remark').fill('a hair');
    await record.click();
    const said = page.getByRole('region', { name: 'Decisions of people' }).getByRole('listitem');
    await seen(said.getByText('Use as is'));
    assert.match((await said.textContent()) ?? '', /by Ada Lovelace.*Machine: FAIL · crack.*Really: good.*a hair/);
    await form.getByText('Scrap').click();
    await form.getByLabel('Your name').fill('nobody');
    await record.click();
    await seen(
      page.getByRole('region', { name: 'Decisions of people' }).getByRole('alert').getByText('not on the list'),
    );
    await counted(said, 1);
  });

  it('says in a banner that a shadow decides nothing, and takes no decision there', async () => {
    const { page, show } = await openPage({ isShadow: true });
    await seen(page.getByTestId('shadow').getByText('no gate hears these verdicts'));
    const band = page.getByRole('article', { name: 'Camera cam1' }).getByTestId('verdict');
    await seen(band.getByText('would pass'));
    show({ verdict: 'FAIL', partId: 'SN-1', defectClass: 'crack' });
    await seen(band.getByText('would reject'));
    assert.equal(await page.getByText(/\b(rejected|rejects)\b/i).count(), 0);
    assert.match(await page.title(), /^Shadow · line1 · st10/);
    await page.getByTestId('parts').getByRole('button').first().click();
    await seen(page.getByRole('dialog').getByText('SN-1'));
    await seen(page.getByRole('dialog').getByText('would reject'));
    assert.equal(await page.getByRole('form').count(), 0);
  });

  it('asks for everything again when a delta is lost', async () => {
    const { page, board, server, show } = await openPage();
    await seen(page.getByTestId('link').filter({ hasText: 'Live' }));
    board.takeDelta(new Date());
    show({ verdict: 'FAIL', partId: 'SN-after-hole', defectClass: 'crack' });
    await seen(page.getByText('SN-after-hole'));
    assert.ok(server.events.pages_resynced >= 1);
  });

  it('marks simulated frames, in the light and in the dark', async () => {
    const { page, show } = await openPage();
    show({ verdict: 'PASS', simulated: true, partId: 'SN-simulated' });
    await seen(page.getByRole('article', { name: 'Camera cam1' }).getByText('Simulated'));
    const toggle = page.getByRole('button', { name: /colours/i });
    const background = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
    await toggle.click();
    const light = await background();
    await toggle.click();
    assert.notEqual(await background(), light);
  });
});

/** Said in the browser: the first chart ends where its panel does. */
const CHART_FITS = `(() => {
  const right = (element) => element.getBoundingClientRect().right;
  const canvas = document.querySelector('canvas');
  return canvas !== null && right(canvas) <= right(canvas.closest('section'));
})()`;

/** Done in the browser: a button that does not stand still yet is pressed. */
const PRESSED_TOO_SOON = `(() => {
  const button = document.querySelector('[data-testid="alarm-REJECT_RATE"] [aria-disabled="true"]');
  button?.click();
  return button !== null;
})()`;

/** Wait until this is true in the page, asked from outside: a watch within it would need the eval that its policy forbids. */
async function cameTrue(page: Page, expression: string): Promise<void> {
  const over = AbortSignal.timeout(30_000);
  while (!(await page.evaluate<boolean>(expression))) over.throwIfAborted();
}

/** Font size of the smallest words that are shown, px. */
const SMALLEST_LETTERS = `Math.min(...[...document.querySelectorAll('#root *')]
  .filter((element) => element.checkVisibility() && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''))
  .map((element) => Number.parseFloat(getComputedStyle(element).fontSize)))`;

/** The part whose tile has the keyboard; undefined where none has. */
function focusedFrame(page: Page): Promise<string | undefined> {
  return page.evaluate('document.activeElement.dataset.frame');
}

/** What the page takes, with whatever one would have to scroll to. */
function sizeOf(page: Page): Promise<{ width: number; height: number }> {
  return page.evaluate(
    '(({ scrollWidth: width, scrollHeight: height }) => ({ width, height }))(document.documentElement)',
  );
}

type ShowPart = (overrides: Partial<Verdict>) => void;

interface OpenedPage {
  readonly page: Page;
  readonly board: LiveBoard;
  readonly server: PageServer;
  readonly records: KeptPictures;
  readonly show: ShowPart;
}

function makeBoardNow({ isShadow = false, cameras = ['cam1', 'cam2'], hasParts = false } = {}): LiveBoard {
  const board = new LiveBoard({
    inspectorId: 'inspector1',
    bootId: 'boot1',
    station: 'acme/north/assembly/line1/st10',
    simulated: false,
    shadow: isShadow,
    startedAt: new Date(),
    cameras: cameras.map((camera) => ({
      camera,
      recipe: 'chip',
      roi: { x: 40, y: 30, width: 200, height: 150 },
      deadlineMs: 500,
    })),
    views: hasParts ? VIEWS : null,
  });
  board.showBroker(true);
  for (const camera of cameras) board.showCamera({ camera, state: makeCameraState({ camera }) });
  return board;
}

/** The page reckons ages by the inspector's clock, so its verdicts must be of now. */
function showPart(board: LiveBoard, picture: Uint8Array, overrides: Partial<Verdict>): void {
  const now = new Date().toISOString();
  const verdict = makeVerdict({ ts: { capture: null, received: now, decided: now }, ...overrides });
  board.showFrame(verdict.camera, verdict.frameId, picture);
  board.showVerdict(verdict);
}

/** A cable between a page and its server; cut, connections that are there carry nothing more, and nobody is told. */
async function layCable() {
  const ends = new Set<Socket>();
  const lead = async (to: number): Promise<string> => {
    const { port } = await startTcpServer((near) => {
      const far = connect(to, '127.0.0.1');
      for (const end of [near, far]) ends.add(end.on('error', () => undefined));
      near.pipe(far).pipe(near);
    });
    return `127.0.0.1:${port}`;
  };
  const cut = (): void => {
    for (const end of ends) end.unpipe().pause();
  };
  return { lead, cut };
}

/** Begun at this moment of the clock. */
function makeAlert(over: Partial<Alert>): Alert {
  return makeAlertAt({ ts: new Date().toISOString(), ...over });
}

/** Ada, whose word counts, and nobody, whose word is refused. */
class TwoPeople extends PagePeople {
  board: LiveBoard | null = null;
  readonly acknowledged: string[] = [];
  private readonly said: Override[] = [];

  async acknowledge({ alarm, camera, by }: AcknowledgeRequest): Promise<string> {
    this.acknowledged.push(`${alarm} by ${by}`);
    const ts = new Date().toISOString();
    const active = this.board?.snapshot(new Date()).alerts.find(({ code }) => code === alarm)?.active ?? true;
    this.board?.showAlert(makeAlert({ code: alarm, camera, active, acknowledged: { by, ts } }));
    return 'done';
  }

  async override({ frameId, inspection, partId: _partId, ...words }: OverrideRequest): Promise<Override> {
    if (words.by === 'nobody') throw new ConflictException({ code: 'NOBODY', message: 'They are not on the list.' });
    const override = makeOverride({ ...words, frameId: frameId ?? null, inspection: inspection ?? null });
    this.said.push(override);
    return override;
  }

  async overridesOf(of: OverrideQuery): Promise<Override[]> {
    return this.said.filter(({ frameId, inspection }) => (of.frameId ?? of.inspection) === (frameId ?? inspection));
  }
}

class KeptPictures extends PageRecords {
  /** Newest first. */
  past: Verdict[] = [];
  readonly asked: VerdictQuery[] = [];
  pastParts: PartVerdict[] = [];
  readonly askedParts: PartQuery[] = [];

  constructor(private readonly picture: Uint8Array) {
    super();
  }

  async findPicture(): Promise<Uint8Array> {
    return this.picture;
  }

  async search(query: VerdictQuery): Promise<VerdictPage> {
    this.asked.push(query);
    const found = this.past.filter(({ partId }) => query.partId === undefined || partId === query.partId);
    const from = 1 + found.findIndex(({ frameId }) => frameId === query.beforeFrame);
    return { verdicts: found.slice(from, from + query.limit), more: found.length > from + query.limit };
  }

  async searchParts(query: PartQuery): Promise<PartPage> {
    this.askedParts.push(query);
    const found = this.pastParts.filter(({ partId }) => query.partId === undefined || partId === query.partId);
    return { parts: found.slice(0, query.limit), more: false };
  }

  async viewsOf(inspection: string): Promise<Verdict[]> {
    const part = this.pastParts.find((each) => each.inspection === inspection);
    return this.past.filter(({ frameId }) => part?.views.some((view) => view.frameId === frameId));
  }
}
