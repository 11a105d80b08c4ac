import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Alert } from '#contracts';
import { at, START_MS } from '../../../../test/factories/live.js';
import { Alarms } from './alarms.js';

describe('an alarm', () => {
  it('is told when it begins, says something new and ends; not while it lasts', () => {
    const told: Alert[] = [];
    const alarms = new Alarms({
      inspectorId: 'i1',
      bootId: 'b1',
      ownerOf: (code) => (code === 'PLANT' ? 'IT' : null),
      onAlert: (alert) => told.push(alert),
    });
    alarms.raise('NOT_READY', 'LEDGER: disk full', 'cam1');
    alarms.raise('NOT_READY', 'LEDGER: disk full', 'cam1');
    alarms.raise('NOT_READY', 'BROKER: away', 'cam1');
    alarms.raise('NOT_READY', 'BROKER: away', 'cam2');
    alarms.clear('NOT_READY', 'cam1');
    alarms.clear('NOT_READY', 'cam1');
    alarms.clear('PLANT');
    assert.deepEqual(
      told.map(({ camera, message, active }) => `${camera} ${message} ${active}`),
      ['cam1 LEDGER: disk full true', 'cam1 BROKER: away true', 'cam2 BROKER: away true', 'cam1 BROKER: away false'],
    );
    assert.deepEqual(
      alarms.active.map(({ camera }) => camera),
      ['cam2'],
    );
  });

  it('keeps its beginning while its words change, and who has seen it while its cause stays', ({ mock }) => {
    mock.timers.enable({ apis: ['Date'], now: START_MS });
    const told: Alert[] = [];
    const alarms = new Alarms({ inspectorId: 'i1', bootId: 'b1', ownerOf: () => null, onAlert: (a) => told.push(a) });
    alarms.raise('NOT_READY', 'DISK: 9 MiB free', 'cam1', 'DISK');
    alarms.acknowledge({ code: 'NOT_READY', camera: 'cam1', by: 'Ada' });
    mock.timers.tick(5_000);
    alarms.raise('NOT_READY', 'DISK: 8 MiB free', 'cam1', 'DISK');
    alarms.raise('NOT_READY', 'BROKER: away', 'cam1', 'BROKER');
    mock.timers.tick(5_000);
    alarms.clear('NOT_READY', 'cam1');
    assert.deepEqual(
      told.slice(2).map(({ message, acknowledged, ts }) => [message, acknowledged?.by ?? null, ts]),
      [
        ['DISK: 8 MiB free', 'Ada', at(0)],
        ['BROKER: away', null, at(0)],
        ['BROKER: away', null, at(10_000)],
      ],
    );
  });

  it('that ended before anybody saw it can be acknowledged, once', () => {
    const told: Alert[] = [];
    const alarms = new Alarms({ inspectorId: 'i1', bootId: 'b1', ownerOf: () => null, onAlert: (a) => told.push(a) });
    const seenByAda = () => alarms.acknowledge({ code: 'OVERLOAD', camera: 'cam1', by: 'Ada' });
    alarms.raise('OVERLOAD', 'no room', 'cam1');
    alarms.clear('OVERLOAD', 'cam1');
    assert.deepEqual(alarms.active, []);
    seenByAda();
    assert.throws(seenByAda, { code: 'ALARM_NOT_ON' });
    assert.deepEqual(
      told.map(({ active, acknowledged }) => [active, acknowledged?.by ?? null]),
      [
        [true, null],
        [false, null],
        [false, 'Ada'],
      ],
    );
    alarms.raise('OVERLOAD', 'no room', 'cam1');
    assert.deepEqual([told.at(-1)?.active, told.at(-1)?.acknowledged], [true, null]);
  });

  it('has an owner, and is acknowledged by name: told again, on until its cause is gone', () => {
    const told: Alert[] = [];
    const alarms = new Alarms({
      inspectorId: 'i1',
      bootId: 'b1',
      ownerOf: () => 'Shift lead',
      onAlert: (alert) => told.push(alert),
    });
    alarms.raise('PLANT', 'away');
    alarms.acknowledge({ code: 'PLANT', camera: 'cam1', by: 'Ada' });
    alarms.raise('PLANT', 'still away');
    alarms.clear('PLANT');
    assert.deepEqual(
      told.map(({ message, owner, acknowledged, active }) => `${message} ${owner} ${acknowledged?.by} ${active}`),
      [
        'away Shift lead undefined true',
        'away Shift lead Ada true',
        'still away Shift lead Ada true',
        'still away Shift lead Ada false',
      ],
    );
    alarms.raise('DRIFT', 'moved', 'cam2');
    const unknown = () => alarms.acknowledge({ code: 'DRIFT', camera: 'cam1', by: 'Ada' });
    assert.throws(unknown, { code: 'ALARM_NOT_ON', message: /DRIFT is not on at cam1; on are: none/ });
    alarms.raise('PLANT', 'away');
    assert.throws(unknown, { code: 'ALARM_NOT_ON', message: /on are: PLANT\./ }, "the inspector's own are named too");
  });
});
