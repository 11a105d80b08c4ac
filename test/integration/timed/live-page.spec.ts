import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import { io, type Socket } from 'socket.io-client';
import WebSocket from 'ws';
import {
  LIVE_PATH,
  LiveDelta,
  LiveSnapshot,
  PartPage,
  type PartQuery,
  PartViews,
  Verdict,
  type VerdictPage,
  type VerdictQuery,
} from '#contracts';
import { PageRecords } from '../../../apps/inspector/src/dashboard/records.js';
import { makeBoard, makeCameraState, makePartVerdict, makeVerdict } from '../../factories/live.js';
import { type PageServer, startPageServer } from '../../factories/page-server.js';

const JPEG = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);

/** Ends with the running test. */
function connect(server: PageServer, headers: Record<string, string> = {}): Socket {
  const socket = io(server.url, { path: LIVE_PATH, transports: ['websocket'], forceNew: true, extraHeaders: headers });
  after(() => socket.close());
  return socket;
}

function connectError(socket: Socket): Promise<Error & { data?: unknown }> {
  return new Promise((resolve) => socket.once('connect_error', resolve));
}

async function next(socket: Socket, event: 'snapshot'): Promise<LiveSnapshot>;
async function next(socket: Socket, event: 'delta'): Promise<LiveDelta>;
async function next(socket: Socket, event: 'snapshot' | 'delta'): Promise<unknown> {
  const message: unknown = await new Promise((resolve) => socket.once(event, resolve));
  return event === 'snapshot' ? LiveSnapshot.parse(message) : LiveDelta.parse(message);
}

describe("the pages' socket", () => {
  it('sends a snapshot, then deltas without holes that go on from it', async () => {
    const board = makeBoard();
    const server = await startPageServer({ board, pace: { tickMs: 10, atMostMs: 10 } });
    const page = connect(server);
    const deltas: LiveDelta[] = [];
    page.on('delta', (delta: unknown) => deltas.push(LiveDelta.parse(delta)));
    const { sequence } = await next(page, 'snapshot');
    const verdict = makeVerdict({ verdict: 'FAIL' });
    board.showVerdict(verdict);
    while (!deltas.some(({ verdicts }) => verdicts.length > 0)) await next(page, 'delta');
    await next(page, 'delta');
    assert.deepEqual(
      deltas.map((delta) => delta.sequence),
      deltas.map((_, i) => sequence + 1 + i),
    );
    assert.deepEqual(
      deltas.flatMap(({ verdicts }) => verdicts),
      [verdict],
    );
  });

  it('says something every second when nothing happens, and at most ten times a second when much does', async ({
    mock,
  }) => {
    let nowMs = 0;
    mock.method(performance, 'now', () => nowMs);
    mock.timers.enable({ apis: ['setInterval'] });
    const board = makeBoard();
    const page = connect(await startPageServer({ board }));
    let { sequence } = await next(page, 'snapshot');
    /** Deltas are numbered: the next one is what was said in that time, and all of it. */
    const isOneIn = async (ms: number, meanwhile: () => void): Promise<void> => {
      const heard = next(page, 'delta');
      for (const end = nowMs + ms; nowMs < end; mock.timers.tick(10)) {
        nowMs += 10;
        meanwhile();
      }
      sequence += 1;
      assert.equal((await heard).sequence, sequence);
    };
    for (let second = 0; second < 3; second++) await isOneIn(1_000, () => undefined);
    for (let tenth = 0; tenth < 10; tenth++) await isOneIn(100, () => board.showVerdict(makeVerdict()));
  });

  it('gives a page that missed something a new snapshot', async () => {
    const server = await startPageServer({ board: makeBoard(), pace: { tickMs: 10, snapshotMs: 20 } });
    const page = connect(server);
    await next(page, 'snapshot');
    page.emit('resync');
    await next(page, 'snapshot');
    assert.equal(server.events.pages_resynced, 1);
  });

  it('never waits for a slow page, nor keeps anything for it', async () => {
    const board = makeBoard();
    const server = await startPageServer({ board, pace: { tickMs: 10, atMostMs: 10 } });
    const slow = new WebSocket(`${server.url.replace('http', 'ws')}${LIVE_PATH}/?EIO=4&transport=websocket`);
    await once(slow, 'message');
    slow.send('40');
    await once(slow, 'message');
    slow.pause();
    const page = connect(server);
    await next(page, 'snapshot');
    const detail = 'x'.repeat(2_000_000);
    let last = (await next(page, 'delta')).sequence;
    while (server.events.page_deltas_skipped < 20) {
      board.showCamera({ camera: 'cam1', state: makeCameraState({ detail }) });
      const delta = await next(page, 'delta');
      assert.ok(delta.sequence > last);
      last = delta.sequence;
    }
    slow.terminate();
  });

  it('refuses one page too many, and pages of other sites', async () => {
    const server = await startPageServer({ board: makeBoard(), pace: { maxPages: 1 } });
    const page = connect(server, { origin: server.url });
    await next(page, 'snapshot');
    assert.equal((await connectError(connect(server))).data, 'TOO_MANY_PAGES');
    assert.equal(server.events.pages_refused, 1);
    await connectError(connect(server, { origin: 'http://elsewhere.example' }));
    await connectError(connect(server, { host: 'elsewhere.example', origin: 'http://elsewhere.example' }));
    assert.equal(server.gateway.pages, 1);
  });
});

class OneVerdict extends PageRecords {
  readonly asked: VerdictQuery[] = [];
  readonly verdict = makeVerdict({ verdict: 'FAIL' });
  readonly askedParts: PartQuery[] = [];
  readonly part = makePartVerdict({ inspection: 'part-of/1' });

  async findPicture(frameId: string): Promise<Uint8Array | null> {
    return frameId === this.verdict.frameId ? JPEG : null;
  }

  async search(query: VerdictQuery): Promise<VerdictPage> {
    this.asked.push(query);
    return { verdicts: [this.verdict], more: false };
  }

  async searchParts(query: PartQuery): Promise<PartPage> {
    this.askedParts.push(query);
    return { parts: [this.part], more: false };
  }

  async viewsOf(inspection: string): Promise<Verdict[] | null> {
    return inspection === this.part.inspection ? [this.verdict] : null;
  }
}

describe("the pages' requests", () => {
  it('get pictures from memory first, then from disk, then a clear no', async () => {
    const board = makeBoard();
    const records = new OneVerdict();
    const server = await startPageServer({ board, records });
    board.showFrame('cam1', 'live/1', JPEG);
    for (const frameId of ['live/1', records.verdict.frameId]) {
      const response = await fetch(`${server.url}/api/frames/${encodeURIComponent(frameId)}/picture`);
      assert.equal(response.headers.get('content-type'), 'image/jpeg');
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
      assert.deepEqual(new Uint8Array(await response.arrayBuffer()), JPEG);
    }
    const gone = await fetch(`${server.url}/api/frames/unknown/picture`);
    assert.equal(gone.status, 404);
    const { code }: { code?: unknown } = JSON.parse(await gone.text());
    assert.equal(code, 'PICTURE_NOT_KEPT');
    assert.equal(gone.headers.get('cache-control'), 'no-store');
  });

  it('never hand a browser what is no picture as something it would run', async () => {
    const board = makeBoard();
    const server = await startPageServer({ board });
    board.showFrame('cam1', 'f1', new TextEncoder().encode('<script>alert(1)</script>'));
    const response = await fetch(`${server.url}/api/frames/f1/picture`);
    assert.equal(response.headers.get('content-type'), 'application/octet-stream');
  });

  it('search past verdicts, and learn what is wrong with a query', async () => {
    const records = new OneVerdict();
    const server = await startPageServer({ board: makeBoard(), records });
    const found = await fetch(`${server.url}/api/verdicts?camera=cam1&verdict=REJECT&limit=10`);
    const page: VerdictPage = JSON.parse(await found.text());
    assert.deepEqual(
      page.verdicts.map((verdict) => Verdict.parse(verdict)),
      [records.verdict],
    );
    assert.deepEqual(records.asked, [{ camera: 'cam1', verdict: 'REJECT', limit: 10 }]);
    const wrong = [
      'verdict=GREEN',
      'limit=0',
      'before=yesterday',
      'beforeFrame=f1',
      'colour=red',
      'camera=cam1&camera=cam2',
    ];
    for (const query of wrong) await assertRefused(`${server.url}/api/verdicts?${query}`);
  });

  it('search past parts of several views, and get the frames of one', async () => {
    const records = new OneVerdict();
    const server = await startPageServer({ board: makeBoard({ hasParts: true }), records });
    const found = await fetch(`${server.url}/api/parts?lot=L42&verdict=REJECT&limit=10`);
    assert.deepEqual(PartPage.parse(await found.json()), { parts: [records.part], more: false });
    assert.deepEqual(records.askedParts, [{ lot: 'L42', verdict: 'REJECT', limit: 10 }]);
    for (const query of ['camera=cam1', 'beforeInspection=part-1', 'beforeFrame=f1', 'limit=201']) {
      await assertRefused(`${server.url}/api/parts?${query}`);
    }
    const views = await fetch(`${server.url}/api/parts/${encodeURIComponent(records.part.inspection)}/views`);
    assert.deepEqual(PartViews.parse(await views.json()), { verdicts: [records.verdict] });
    // As long as those get that are named after a frame.
    const unknown = await fetch(`${server.url}/api/parts/part-${'a'.repeat(128)}/views`);
    assert.equal(unknown.status, 404);
    assert.match(await unknown.text(), /PART_UNKNOWN/);
    await assertRefused(`${server.url}/api/parts/part-a%00/views`);
  });

  it('name one frame as frames are named, or go no further', async () => {
    const server = await startPageServer({ board: makeBoard() });
    const both = 'frameId=a&inspection=part-a';
    for (const query of ['', both, 'frameId=', 'frameId=a&frameId=b', 'frameId[x]=a', `frameId=${'a'.repeat(129)}`]) {
      await assertRefused(`${server.url}/api/overrides?${query}`);
    }
    for (const frameId of ['a'.repeat(129), 'a%00']) await assertRefused(`${server.url}/api/frames/${frameId}/picture`);
  });
});

async function assertRefused(address: string): Promise<void> {
  const refused = await fetch(address);
  assert.equal(refused.status, 400, address);
  assert.match(await refused.text(), /QUERY_INVALID/);
}
