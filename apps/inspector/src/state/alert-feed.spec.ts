import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Alert } from '#contracts';
import { Alarms } from './alarms.js';
import { AlertFeed } from './alert-feed.js';

function makeFeed() {
  const heard: string[] = [];
  const broker = { isUp: true };
  const feed = new AlertFeed({
    publisher: {
      publishAlert: async ({ code, camera, message, active }: Alert) => {
        if (broker.isUp) heard.push(`${code} ${camera ?? '-'} ${active ? message : 'ended'}`);
        return broker.isUp;
      },
    },
    active: () => alarms.active,
  });
  const told: Promise<void>[] = [];
  const alarms = new Alarms({
    inspectorId: 'i1',
    bootId: 'b1',
    ownerOf: () => null,
    onAlert: (alert) => told.push(feed.tell(alert)),
  });
  const reconnect = async (): Promise<void> => {
    await Promise.all(told);
    broker.isUp = true;
    await feed.repeat();
  };
  return { alarms, broker, heard, feed, reconnect };
}

describe('alerts on their way to the broker', () => {
  it('of an alarm that ended while it was away are told when it is back, once, beside those that are on', async () => {
    const { alarms, broker, heard, reconnect } = makeFeed();
    alarms.raise('PLANT', 'away');
    alarms.raise('SILENCE', 'no frame', 'cam1');
    broker.isUp = false;
    alarms.clear('PLANT');
    await reconnect();
    await reconnect();
    assert.deepEqual(heard, [
      'PLANT - away',
      'SILENCE cam1 no frame',
      'PLANT - ended',
      'SILENCE cam1 no frame',
      'SILENCE cam1 no frame',
    ]);
  });

  it('of one that came and went again and again meanwhile are one end, before what is on now', async () => {
    const { alarms, broker, heard, reconnect } = makeFeed();
    broker.isUp = false;
    for (const message of ['a', 'b', 'c']) {
      alarms.raise('SILENCE', message, 'cam1');
      alarms.clear('SILENCE', 'cam1');
    }
    alarms.raise('SILENCE', 'd', 'cam1');
    await reconnect();
    assert.deepEqual(heard, ['SILENCE cam1 ended', 'SILENCE cam1 d']);
  });

  it('are kept when the broker goes away again while they are told', async () => {
    const { alarms, broker, heard, feed, reconnect } = makeFeed();
    broker.isUp = false;
    alarms.raise('PLANT', 'away');
    alarms.clear('PLANT');
    await feed.repeat();
    assert.deepEqual(heard, []);
    await reconnect();
    assert.deepEqual(heard, ['PLANT - ended']);
  });
});
