import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Override, Verdict } from '#contracts';
import { makeOverride, makeVerdict } from '../../../../test/factories/frames.js';
import { until } from '../../../../test/factories/until.js';
import type { RecordRow } from '../ledger/rows.js';
import { RecordFeed } from './record-feed.js';

const FUTURE = '2100-01-01T00:00:00.000Z';

/** A ledger of so many rows, a broker that takes what `takes` says, and what was sent. */
function makeFeed({
  rows = 0,
  takes = () => true,
  onError = (error: unknown): void => assert.fail(String(error)),
}: {
  rows?: number;
  takes?: (frameId: string) => boolean;
  onError?: (error: unknown) => void;
} = {}) {
  const ledger: RecordRow[] = [];
  const add = (frameId: string, validUntil = FUTURE): void => {
    ledger.push({ row: ledger.length + 1, record: makeVerdict({ frameId, validUntil }) });
  };
  const say = (frameId: string): void => {
    ledger.push({ row: ledger.length + 1, record: makeOverride({ frameId }) });
  };
  for (let i = 1; i <= rows; i++) add(`f${i}`);
  const sent: string[] = [];
  const publisher = {
    isUp: true,
    roomForRecords: 65_535,
    publishRecord: async (record: Verdict | Override) => {
      const name = record.schema === 'vision.override/1' ? `${record.by} on ${record.frameId}` : record.frameId;
      if (!takes(name ?? '')) return false;
      sent.push('historical' in record && record.historical ? `${name} historical` : (name ?? ''));
      return true;
    },
  };
  let cursor = 0;
  let onRead = (): void => undefined;
  const feed = new RecordFeed({
    ledger: {
      readAfter: async ({ row, limit }) => {
        const found = ledger.filter((each) => each.row > row).slice(0, limit);
        onRead();
        return found;
      },
      cursor: async () => cursor,
      setCursor: async ({ row }) => {
        cursor = row;
      },
    },
    publisher,
    onError,
  });
  return {
    feed,
    publisher,
    sent,
    add,
    say,
    cursor: () => cursor,
    whileReading: (work: () => void) => {
      onRead = work;
    },
  };
}

describe('the records', () => {
  it('go out in order, all of them, and the feed remembers how far it got', async () => {
    const { feed, sent, cursor } = makeFeed({ rows: 250 });
    await feed.start();
    await feed.stop();
    assert.deepEqual(
      sent,
      Array.from({ length: 250 }, (_, i) => `f${i + 1}`),
    );
    assert.equal(cursor(), 250);
  });

  it('of frames that are closed after its end wait in the ledger for the next start', async () => {
    const { feed, sent, add, cursor } = makeFeed({ rows: 1 });
    await feed.start();
    await feed.stop();
    add('late');
    feed.wake();
    await nextTurn();
    assert.deepEqual([sent, cursor()], [['f1'], 1]);
  });

  it('are no more on their way at once than the broker has room for', async () => {
    const { feed, sent, publisher } = makeFeed({ rows: 7 });
    publisher.roomForRecords = 3;
    const takeAtOnce = publisher.publishRecord;
    let onTheirWay = 0;
    let most = 0;
    publisher.publishRecord = async (record) => {
      onTheirWay += 1;
      most = Math.max(most, onTheirWay);
      await nextTurn();
      onTheirWay -= 1;
      return takeAtOnce(record);
    };
    await feed.start();
    await feed.stop();
    assert.deepEqual([sent.length, most], [7, 3]);
  });

  it("carry a person's word as it is, after the machine's", async () => {
    const { feed, sent, add, say } = makeFeed();
    await feed.start();
    add('long-ago', '2026-01-01T00:00:00.000Z');
    say('long-ago');
    await feed.stop();
    assert.deepEqual(sent, ['long-ago historical', 'Ada Lovelace on long-ago']);
  });

  it('of a frame closed while the feed looked are not forgotten', async () => {
    const { feed, sent, add, whileReading } = makeFeed();
    await feed.start();
    let isFirst = true;
    whileReading(() => {
      if (!isFirst) return;
      isFirst = false;
      add('meanwhile');
      feed.wake();
    });
    feed.wake();
    await nextTurn();
    assert.deepEqual(sent, ['meanwhile']);
  });

  it('are remembered on the way, so that a crash sends little of it again', async ({ mock }) => {
    mock.method(performance, 'now', () => 5_000);
    const { feed, cursor } = makeFeed({ rows: 3 });
    await feed.start();
    feed.wake();
    await nextTurn();
    assert.equal(cursor(), 3);
  });

  it('that cannot be read are told once each time somebody asks for them, and go out when they can be', async () => {
    const errors: unknown[] = [];
    const { feed, sent, add, whileReading } = makeFeed({ onError: (error) => void errors.push(error) });
    await feed.start();
    add('f1');
    whileReading(() => assert.fail('the disk hangs'));
    feed.wake();
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    assert.deepEqual([errors.length, sent], [1, []]);
    whileReading(() => undefined);
    feed.wake();
    await nextTurn();
    assert.deepEqual(sent, ['f1']);
  });

  it('wait for the broker, and come as history when their window is over', async () => {
    const { feed, sent, add, publisher } = makeFeed();
    publisher.isUp = false;
    await feed.start();
    add('in-window');
    add('long-ago', '2026-01-01T00:00:00.000Z');
    feed.wake();
    await nextTurn();
    assert.deepEqual(sent, []);
    publisher.isUp = true;
    feed.wake();
    await nextTurn();
    assert.deepEqual(sent, ['in-window', 'long-ago historical']);
  });

  it('that the broker did not take go again, from the first of them', async () => {
    let isTaking = false;
    const { feed, sent, cursor } = makeFeed({ rows: 3, takes: (frameId) => isTaking || frameId === 'f1' });
    await feed.start();
    feed.wake();
    await nextTurn();
    assert.deepEqual(sent, ['f1']);
    isTaking = true;
    await feed.stop();
    assert.deepEqual(sent, ['f1', 'f2', 'f3']);
    assert.equal(cursor(), 3);
  });

  it('of a long outage do not hold up the end: what is not sent within a moment goes after the next start', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { feed, sent, cursor, whileReading } = makeFeed({ rows: 5_000 });
    await feed.start();
    let reads = 0;
    whileReading(() => {
      reads += 1;
      if (reads === 3) t.mock.timers.tick(2_000);
    });
    await feed.stop();
    assert.deepEqual([sent.length, cursor()], [300, 300]);
  });

  it('behind one that the broker refuses do not go again with every frame', async () => {
    let isTaking = false;
    const { feed, sent, add } = makeFeed({ rows: 3, takes: (frameId) => isTaking || frameId !== 'f1' });
    await feed.start();
    for (let frame = 4; frame < 9; frame++) {
      feed.wake();
      await nextTurn();
      add(`f${frame}`);
    }
    assert.deepEqual(sent, ['f2', 'f3']);
    isTaking = true;
    await until(() => sent.includes('f8'), 'the next try');
    assert.deepEqual(sent, ['f2', 'f3', 'f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7', 'f8']);
    await feed.stop();
  });

  it('behind one that the broker refuses for long do not go again with every try', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const tried: string[] = [];
    const takes = (frameId: string): boolean => {
      tried.push(frameId);
      return frameId !== 'f1';
    };
    const { feed } = makeFeed({ rows: 3, takes });
    await feed.start();
    feed.wake();
    for (let again = 0; again < 3; again++) {
      for (let turn = 0; turn < 3; turn++) await nextTurn();
      t.mock.timers.tick(1_000);
    }
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    assert.deepEqual(tried, ['f1', 'f2', 'f3', 'f1', 'f1', 'f1']);
    await feed.stop();
  });
});
