import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Alert } from '#contracts';
import { groupAlerts, isOver } from './alerts.js';

describe('alarms that are on', () => {
  it('are one where several cameras say the same, since and where the first of them stood, newest first', () => {
    const groups = groupAlerts([
      alert({ camera: 'cam1', ts: '2026-03-01T08:00:00.000Z' }),
      alert({ code: 'PLANT', camera: null, message: 'away' }),
      alert({ camera: 'cam2', ts: '2026-03-01T08:00:07.000Z' }),
    ]);
    assert.deepEqual(
      groups.map(({ code, cameras, ts }) => [code, cameras, ts.slice(17, 19)]),
      [
        ['PLANT', [null], '00'],
        ['SILENCE', ['cam1', 'cam2'], '00'],
      ],
    );
  });

  it('stay apart where they say something else, or where a person has seen only one', () => {
    const seen = { by: 'Ada', ts: '2026-03-01T08:01:00.000Z' };
    const groups = groupAlerts([
      alert({ camera: 'cam1' }),
      alert({ camera: 'cam2', acknowledged: seen }),
      alert({ camera: 'cam3', message: 'No frame for 9 s.' }),
    ]);
    assert.deepEqual(
      groups.map(({ cameras }) => cameras),
      [['cam3'], ['cam1'], ['cam2']],
    );
  });

  it('stand with those nobody has seen first; their cameras are sorted as people count', () => {
    const seen = { by: 'Ada', ts: '2026-03-01T08:01:00.000Z' };
    const groups = groupAlerts([
      ...['cam10', 'cam2'].map((camera) => alert({ camera })),
      alert({ code: 'PLANT', camera: null, message: 'away', acknowledged: seen }),
    ]);
    assert.deepEqual(
      groups.map(({ code, cameras }) => [code, cameras]),
      [
        ['SILENCE', ['cam2', 'cam10']],
        ['PLANT', [null]],
      ],
    );
  });

  it('keep their row when one is over at a camera, and tell since when it is on elsewhere', () => {
    const on = alert({ camera: 'cam1', ts: '2026-03-01T08:00:03.000Z' });
    const over = alert({ camera: 'cam2', active: false, ts: '2026-03-01T08:00:09.000Z' });
    const plant = alert({ code: 'PLANT', camera: null, message: 'away' });
    const [, still] = groupAlerts([over, plant, on]);
    assert.deepEqual([still?.cameras, still?.ended, still?.ts], [['cam1', 'cam2'], ['cam2'], on.ts]);
    assert.equal(still && isOver(still), false);
    const [, all] = groupAlerts([over, plant, { ...on, active: false }]);
    assert.deepEqual([all?.ended, all?.ts, all && isOver(all)], [['cam1', 'cam2'], over.ts, true]);
  });
});

function alert(over: Partial<Alert>): Alert {
  return {
    schema: 'vision.alert/1',
    code: 'SILENCE',
    message: 'No frame for 3 s.',
    camera: 'cam1',
    inspectorId: 'inspector1',
    bootId: 'boot1',
    active: true,
    acknowledged: null,
    ts: '2026-03-01T08:00:00.000Z',
    ...over,
  };
}
