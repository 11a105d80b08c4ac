import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DependencyError, type Override, type Verdict } from '#contracts';
import { makeOverride, makeVerdict } from '../../../../test/factories/frames.js';
import { until } from '../../../../test/factories/until.js';
import type { RecordRow } from '../ledger/rows.js';
import type { Delivery } from './publisher.js';
import { RecordFeed } from './record-feed.js';

const FUTURE = '2100-01-01T00:00:00.000Z';

/** A ledger of so many rows of `cam1`, a broker that answers as `answers` says, and what was sent. */
function makeFeed({
  rows = 0,
  answers = () => 'taken',
  onError = (error: unknown): void => assert.fail(String(error)),
}: {
  rows?: number;
  answers?: (frameId: string, camera: string) => Delivery;
  onError?: (error: unknown) => void;
} = {}) {
  const ledger: RecordRow[] = [];
  const add = (frameId: string, fields: Partial<Verdict> = {}): void => {
    ledger.push({ row: ledger.length + 1, record: makeVerdict({ frameId, validUntil: FUTURE, ...fields }) });
  };
  const say = (frameId: string): void => {
    ledger.push({ row: ledger.length + 1, record: makeOverride({ frameId }) });
  };
  for (let i = 1; i <= rows; i++) add(`f${i}`);
  const sent: string[] = [];
  const publisher = {
    isUp: true,
    roomForRecords: 65_535,
    publishRecord: async (record: Verdict | Override): Promise<Delivery> => {
      const name = record.schema === 'vision.override/1' ? `${record.by} on ${record.frameId}` : record.frameId;
      const delivery = answers(name ?? '', record.camera);
      if (delivery !== 'taken') return delivery;
      sent.push('historical' in record && record.historical ? `${name} historical` : (name ?? ''));
      return 'taken';
    },
  };
  const cursors = new Map<string, number>();
  const disk = { isFull: false };
  let onRead = (): void => undefined;
  const makeReader = () =>
    new RecordFeed({
      ledger: {
        readAfter: async ({ row, limit }) => {
          const found = ledger.filter((each) => each.row > row).slice(0, limit);
          onRead();
          return found;
        },
        readOfCamera: async ({ camera, row, upTo, limit }) =>
          ledger.filter((each) => each.row > row && each.row <= upTo && each.record.camera === camera).slice(0, limit),
        cursors: async () => Object.fromEntries(cursors),
        setCursor: async ({ reader, row }) => {
          if (disk.isFull) throw new DependencyError('LEDGER_WRITE', 'disk full');
          if (row === null) cursors.delete(reader);
          else cursors.set(reader, row);
        },
      },
      publisher,
      onError,
    });
  return {
    feed: makeReader(),
    /** Another one after a restart, on the same ledger. */
    restart: makeReader,
    publisher,
    sent,
    add,
    say,
    cursors,
    disk,
    cursor: () => cursors.get('record-topic'),
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

  it('of frames that are closed soon after one another go out after one look into the ledger', async () => {
    const { feed, sent, add, whileReading } = makeFeed();
    let reads = 0;
    whileReading(() => {
      reads += 1;
    });
    await feed.start();
    for (const frameId of ['f1', 'f2', 'f3']) {
      add(frameId);
      feed.wake();
    }
    await until(() => sent.length > 0, 'the records');
    assert.deepEqual([sent, reads], [['f1', 'f2', 'f3'], 1]);
    await feed.stop();
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
    add('long-ago', { validUntil: '2026-01-01T00:00:00.000Z' });
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
    await until(() => sent.length > 0, 'its record');
    assert.deepEqual(sent, ['meanwhile']);
  });

  it('are remembered on the way, so that a crash sends little of it again', async ({ mock }) => {
    mock.method(performance, 'now', () => 5_000);
    const { feed, cursor } = makeFeed({ rows: 3 });
    await feed.start();
    feed.wake();
    await until(() => cursor() === 3, 'the cursor');
  });

  it('that cannot be read are told once each time somebody asks for them, and go out when they can be', async () => {
    const errors: unknown[] = [];
    const { feed, sent, add, whileReading } = makeFeed({ onError: (error) => void errors.push(error) });
    await feed.start();
    add('f1');
    whileReading(() => assert.fail('the disk hangs'));
    feed.wake();
    await until(() => errors.length > 0, 'the error');
    whileReading(() => undefined);
    assert.deepEqual(sent, []);
    feed.wake();
    await until(() => sent.length > 0, 'the record');
    assert.deepEqual([errors.length, sent], [1, ['f1']]);
  });

  it('wait for the broker, and come as history when their window is over', async () => {
    const { feed, sent, add, publisher } = makeFeed();
    publisher.isUp = false;
    await feed.start();
    add('in-window');
    add('long-ago', { validUntil: '2026-01-01T00:00:00.000Z' });
    feed.wake();
    await nextTurn();
    assert.deepEqual(sent, []);
    publisher.isUp = true;
    feed.wake();
    await until(() => sent.length === 2, 'both records');
    assert.deepEqual(sent, ['in-window', 'long-ago historical']);
  });

  it('that the broker did not take go again, from the first of them', async () => {
    let isTaking = false;
    const { feed, sent, cursor } = makeFeed({
      rows: 3,
      answers: (frameId) => (isTaking || frameId === 'f1' ? 'taken' : 'lost'),
    });
    await feed.start();
    feed.wake();
    await until(() => sent.length > 0, 'the first');
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
    const { feed, sent, add, whileReading } = makeFeed({
      rows: 3,
      answers: (frameId) => (isTaking || frameId !== 'f1' ? 'taken' : 'refused'),
    });
    let reads = 0;
    whileReading(() => {
      reads += 1;
    });
    await feed.start();
    for (let frame = 4; frame < 9; frame++) {
      feed.wake();
      await until(() => reads === frame - 3, 'the next look');
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
    const answers = (frameId: string): Delivery => {
      tried.push(frameId);
      return frameId === 'f1' ? 'refused' : 'taken';
    };
    const { feed } = makeFeed({ rows: 3, answers });
    await feed.start();
    feed.wake();
    for (let again = 0; again < 3; again++) {
      await until(() => tried.length >= 3 + again, 'the next try');
      t.mock.timers.tick(1_000);
    }
    await until(() => tried.length >= 6, 'the last try');
    assert.deepEqual(tried, ['f1', 'f2', 'f3', 'f1', 'f1', 'f1']);
    await feed.stop();
  });

  it("of other cameras wait for none that the broker refuses; that camera's follow when they are taken again, each of them, also after a restart", async () => {
    let isAllowed = false;
    const { feed, restart, sent, add, say, cursors } = makeFeed({
      answers: (_frameId, camera) => (camera === 'cam2' && !isAllowed ? 'refused' : 'taken'),
    });
    const addBoth = (from: number, to: number): void => {
      for (let i = from; i <= to; i++) {
        add(`one-${i}`);
        add(`two-${i}`, { camera: 'cam2' });
      }
    };
    const ofCamera = (camera: string): string[] => sent.filter((name) => name.startsWith(camera));
    const numbered = (camera: string, count: number): string[] =>
      Array.from({ length: count }, (_, i) => `${camera}-${i + 1}`);
    await feed.start();
    addBoth(1, 1_200);
    say('one-1');
    feed.wake();
    await until(() => sent.length === 1_201, 'the records of the other camera');
    await feed.stop();
    assert.deepEqual(ofCamera('one'), numbered('one', 1_200));
    assert.deepEqual(Object.fromEntries(cursors), { 'record-topic': 2_401, 'record-topic/cam2': 1 });
    const next = restart();
    await next.start();
    addBoth(1_201, 1_300);
    next.wake();
    await until(() => ofCamera('one').length === 1_300, 'the other camera after the restart');
    assert.deepEqual(ofCamera('two'), []);
    isAllowed = true;
    await until(() => ofCamera('two').length === 1_300, 'the records of the camera that is let in again');
    await next.stop();
    assert.deepEqual([ofCamera('one'), ofCamera('two')], [numbered('one', 1_300), numbered('two', 1_300)]);
    assert.deepEqual(Object.fromEntries(cursors), { 'record-topic': 2_601 });
  });

  it('of a camera that caught up while the disk refused do not all go again after the next start', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let isAllowed = false;
    let tries = 0;
    let errors = 0;
    const { feed, sent, add, cursors, disk } = makeFeed({
      answers: () => {
        tries += 1;
        return isAllowed ? 'taken' : 'refused';
      },
      onError: () => {
        errors += 1;
      },
    });
    await feed.start();
    add('f1');
    feed.wake();
    await until(() => tries === 1, 'the first try');
    disk.isFull = true;
    isAllowed = true;
    t.mock.timers.tick(1_000);
    for (let again = 1; again <= 3; again++) {
      await until(() => errors === again, 'the disk to refuse');
      feed.wake();
    }
    assert.deepEqual(sent, ['f1']);
    disk.isFull = false;
    await feed.stop();
    assert.deepEqual(Object.fromEntries(cursors), { 'record-topic': 1 });
  });
});
