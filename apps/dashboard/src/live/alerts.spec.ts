import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Alert } from '#contracts';
import { groupAlerts } from './alerts.js';

describe('alarms that are on', () => {
  it('are one where several cameras say the same, since the first of them, and stand newest first', () => {
    const groups = groupAlerts([
      alert({ camera: 'cam1', ts: '2026-03-01T08:00:00.000Z' }),
      alert({ code: 'PLANT', camera: null, message: 'away' }),
      alert({ camera: 'cam2', ts: '2026-03-01T08:00:07.000Z' }),
    ]);
    assert.deepEqual(
      groups.map(({ code, cameras, ts }) => [code, cameras, ts.slice(17, 19)]),
      [
        ['SILENCE', ['cam1', 'cam2'], '00'],
        ['PLANT', [null], '00'],
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
      [['cam3'], ['cam2'], ['cam1']],
    );
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
