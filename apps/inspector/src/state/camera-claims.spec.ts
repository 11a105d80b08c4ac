import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CameraState, InspectorState } from '#contracts';
import { holdClock } from '../../../../test/factories/held-clock.js';
import { CameraClaims } from './camera-claims.js';

const clock = holdClock();
const TS = '2026-01-02T03:04:05.006Z';

function inspector(inspectorId: string, bootId: string, state: InspectorState['state'] = 'ONLINE'): InspectorState {
  return { schema: 'vision.inspector/1', inspectorId, bootId, state, ts: TS };
}

function camera(inspectorId: string, bootId: string, reason: CameraState['reason'] = null): CameraState {
  const state = reason === null ? 'READY' : 'NOT_READY';
  return {
    schema: 'vision.state/1',
    camera: 'cam1',
    state,
    reason,
    detail: null,
    inspectorId,
    bootId,
    model: null,
    recipe: null,
    ts: TS,
  };
}

function claims(): CameraClaims {
  return new CameraClaims({ inspectorId: 'me', bootId: 'boot-5' });
}

describe('a camera', () => {
  it('is held by another inspector that is online with the boot the state names', () => {
    const known = claims();
    known.hearCamera(camera('other', 'boot-3'));
    assert.equal(known.holderOf('cam1', false), null, 'not known to be alive');
    known.hearInspector(inspector('other', 'boot-3'));
    assert.deepEqual(known.holderOf('cam1', false), { inspectorId: 'other', bootId: 'boot-3' });
    assert.equal(known.holderOf('cam2', false), null);
  });

  it('is free when that one went offline, restarted, is stopping or found it taken itself', () => {
    for (const end of [inspector('other', 'boot-3', 'OFFLINE'), inspector('other', 'boot-4')]) {
      const known = claims();
      known.hearInspector(inspector('other', 'boot-3'));
      known.hearCamera(camera('other', 'boot-3'));
      known.hearInspector(end);
      assert.equal(known.holderOf('cam1', false), null);
    }
    for (const reason of ['STOPPING', 'CAMERA_TAKEN'] as const) {
      const known = claims();
      known.hearInspector(inspector('other', 'boot-3'));
      known.hearCamera(camera('other', 'boot-3', reason));
      assert.equal(known.holderOf('cam1', false), null, reason);
    }
  });

  it('is not claimed by a word that comes after its speaker left', () => {
    const known = claims();
    known.hearInspector(inspector('other', 'boot-3'));
    known.hearInspector(inspector('other', 'boot-3', 'OFFLINE'));
    known.hearCamera(camera('other', 'boot-3'));
    assert.equal(known.holderOf('cam1', false), null);
  });

  it('stays with the boot that began first where two think they have it', () => {
    const known = claims();
    known.hearInspector(inspector('younger', 'boot-9'));
    known.hearCamera(camera('younger', 'boot-9'));
    assert.equal(known.holderOf('cam1', true), null);
    assert.notEqual(known.holderOf('cam1', false), null);
    known.hearInspector(inspector('older', 'boot-1'));
    known.hearCamera(camera('older', 'boot-1'));
    assert.equal(known.holderOf('cam1', true)?.inspectorId, 'older');
  });

  it('stays held, and our own name guarded, whoever else says by the thousand that he is there', () => {
    const known = claims();
    known.hearInspector(inspector('other', 'boot-3'));
    known.hearInspector(inspector('stranger', 'boot-2'));
    known.hearInspector(inspector('me', 'boot-4'));
    known.hearCamera(camera('other', 'boot-3'));
    for (let i = 0; i < 1_000; i++) known.hearInspector(inspector(`stranger-${i}`, 'boot-2'));
    assert.equal(known.holderOf('cam1', false)?.inspectorId, 'other');
    assert.equal(known.isDoubled(), true);
    known.hearCamera(camera('stranger', 'boot-2'));
    assert.equal(known.holderOf('cam1', false), null, 'forgotten: memory has a bound');
    known.hearCamera(camera('stranger-999', 'boot-2'));
    assert.equal(known.holderOf('cam1', false)?.inspectorId, 'stranger-999');
  });

  it('is free where its holder gives no sign of life: the broker may remember one of before a power cut', () => {
    const known = claims();
    const tell = (): void => {
      known.hearInspector(inspector('other', 'boot-3'));
      known.hearInspector(inspector('me', 'boot-4'));
    };
    tell();
    known.hearCamera(camera('other', 'boot-3'));
    const claimed = (): boolean[] => [known.holderOf('cam1', false) !== null, known.isDoubled()];
    clock.pass(19_000);
    assert.deepEqual(claimed(), [true, true]);
    tell();
    clock.pass(19_000);
    assert.deepEqual(claimed(), [true, true], 'both said again that they are there');
    clock.pass(1_000);
    assert.deepEqual(claimed(), [false, false]);
    tell();
    assert.deepEqual(claimed(), [true, true], 'there again');
  });

  it('is never held against us by our own words', () => {
    const known = claims();
    known.hearInspector(inspector('me', 'boot-5'));
    known.hearCamera(camera('me', 'boot-5'));
    assert.equal(known.holderOf('cam1', false), null);
    assert.equal(known.isDoubled(), false);
    known.hearInspector(inspector('me', 'boot-4'));
    assert.equal(known.isDoubled(), true);
  });
});
