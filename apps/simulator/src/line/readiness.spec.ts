import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DependencyError, Topics } from '#contracts';
import { makeCameraState } from '../../../../test/factories/live.js';
import { Readiness } from './readiness.js';

const STATION = 'demo/site/area/line1/st1';
const TOPICS = new Topics(STATION);
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

function sayCamera(readiness: Readiness, over: Parameters<typeof makeCameraState>[0] = {}): void {
  readiness.hear(TOPICS.camera('cam1', 'state'), bytes(makeCameraState(over)));
}

function sayInspector(readiness: Readiness, over: { state?: string; bootId?: string } = {}): void {
  const state = { schema: 'vision.inspector/1', inspectorId: 'inspector1', state: 'ONLINE', bootId: 'boot1', ...over };
  readiness.hear(TOPICS.inspectorState('inspector1'), bytes({ ...state, ts: '2026-01-01T00:00:00.000Z' }));
}

describe('readiness of a camera', () => {
  it('is its inspector’s bootId while that inspector is ONLINE with the same boot', () => {
    const readiness = new Readiness(STATION);
    sayCamera(readiness);
    assert.equal(readiness.readyBootId('cam1'), null);
    sayInspector(readiness);
    assert.equal(readiness.readyBootId('cam1'), 'boot1');
  });

  it('ends with NOT_READY, with the last will, with another boot and with a cleared state', () => {
    const ends: ((readiness: Readiness) => void)[] = [
      (readiness) => sayCamera(readiness, { state: 'NOT_READY', reason: 'LEDGER' }),
      (readiness) => sayInspector(readiness, { state: 'OFFLINE' }),
      (readiness) => sayInspector(readiness, { bootId: 'boot2' }),
      (readiness) => readiness.hear(TOPICS.camera('cam1', 'state'), Buffer.alloc(0)),
      (readiness) => readiness.hear(TOPICS.camera('cam1', 'state'), Buffer.from('{')),
    ];
    for (const end of ends) {
      const readiness = new Readiness(STATION);
      sayInspector(readiness);
      sayCamera(readiness);
      end(readiness);
      assert.equal(readiness.readyBootId('cam1'), null);
    }
  });

  it('can be waited for', async () => {
    const readiness = new Readiness(STATION);
    const ready = readiness.untilReady(['cam1'], 5_000);
    sayInspector(readiness);
    sayCamera(readiness);
    await ready;
  });

  it('that does not come is an error with the station and every camera’s state', async () => {
    const readiness = new Readiness(STATION);
    sayCamera(readiness, { state: 'NOT_READY', reason: 'NO_MODEL' });
    await assert.rejects(readiness.untilReady(['cam1', 'cam2'], 5), (error) => {
      assert.ok(error instanceof DependencyError);
      assert.equal(error.code, 'LINE_NOT_READY');
      assert.match(error.message, /demo\/site\/area\/line1\/st1 .*cam1: NOT_READY\(NO_MODEL\).*cam2: no inspector/);
      return true;
    });
  });
});
