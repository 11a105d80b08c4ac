import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Heartbeat } from '#contracts';
import { CameraFigures } from '../health/camera-figures.js';
import { CameraClock } from '../ingest/camera-clock.js';
import { Pulse } from './pulse.js';

/** The pulse of two cameras; so many frames have no verdict yet. */
function makePulse({ openFrames = 0 } = {}) {
  const sent: Heartbeat[] = [];
  const imbalances: object[] = [];
  const overloads: string[] = [];
  const rules = { isSynchronised: false, toleranceMs: 250, transportAllowanceMs: 0 };
  const cameras = new Map(
    ['cam1', 'cam2'].map((name) => [name, { clock: new CameraClock(rules), figures: new CameraFigures() }]),
  );
  const pulse = new Pulse({
    bootId: 'boot-1',
    cameras,
    publisher: { isUp: true, publishHeartbeat: (heartbeat) => void sent.push(heartbeat) },
    inference: { waitingOf: (camera) => (camera === 'cam1' ? 3 : 0), lastInferenceTs: () => null },
    line: { openFrames },
    board: { showCamera: () => undefined, showBroker: () => undefined },
    reporter: {
      setBack: () => undefined,
      imbalance: (sum) => void imbalances.push(sum),
      overload: (camera, isOn) => void overloads.push(`${camera} ${isOn}`),
    },
  });
  return { pulse, sent, imbalances, overloads, figures: cameras.get('cam1')?.figures ?? assert.fail('no cam1') };
}

describe('the pulse', () => {
  it('beats for the cameras that are ours, counted on, with what waits', () => {
    const { pulse, sent } = makePulse();
    for (let beat = 0; beat < 2; beat++) pulse.beat((camera) => camera === 'cam1');
    assert.deepEqual(
      sent.map(({ camera, seq, queue, p99, lastInferenceTs }) => [camera, seq, queue, p99, lastInferenceTs]),
      [
        ['cam1', 1, 3, null, null],
        ['cam1', 2, 3, null, null],
      ],
    );
  });

  it('promise 1: tells where accepted frames are not closed and open ones together, and only then', () => {
    const { pulse, imbalances, figures } = makePulse({ openFrames: 2 });
    figures.accepted = 7;
    figures.closed = 5;
    pulse.beat(() => true);
    assert.deepEqual(imbalances, []);
    figures.accepted = 8;
    pulse.beat(() => true);
    assert.deepEqual(imbalances, [{ accepted: 8, closed: 5, open: 2 }]);
  });

  it('keeps the alarm of an overload until ten beats came without one', () => {
    const { pulse, overloads, figures } = makePulse();
    const beat = (times = 1): string | undefined => {
      for (let i = 0; i < times; i++) pulse.beat(() => true);
      return overloads.filter((told) => told.startsWith('cam1')).at(-1);
    };
    assert.equal(beat(), 'cam1 false');
    figures.overloads = 1;
    assert.equal(beat(), 'cam1 true');
    assert.equal(beat(9), 'cam1 true');
    assert.equal(beat(), 'cam1 false');
    assert.ok(overloads.every((told) => told !== 'cam2 true'));
  });
});
