import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LiveCamera } from '#contracts';
import { at, makeCameraState, makeVerdict, START_MS } from '../../../../test/factories/live.js';
import { cameraCondition, IDLE_AFTER_MS, isStale, isVerdictFresh, serverNowMs } from './freshness.js';
import { INITIAL_STATE } from './live-state.js';

const TALLY = { pass: 0, fail: 0, inconclusive: 0, first: 0, firstPass: 0 };

function makeCamera(overrides: Partial<LiveCamera> = {}): LiveCamera {
  return {
    camera: 'cam1',
    state: makeCameraState(),
    counts: { accepted: 0, duplicates: 0, gaps: 0, late: 0 },
    tallies: { line: TALLY, simulated: TALLY, challenge: TALLY },
    challenges: { caught: 0, missed: 0, void: 0 },
    queue: 0,
    p99Ms: null,
    lastInferenceTs: at(0),
    roi: null,
    deadlineMs: 500,
    lastVerdict: null,
    pictureFrameId: null,
    ...overrides,
  };
}

describe('a page without news', () => {
  it('is stale before it heard anything, and within 3 s of the last news', () => {
    assert.equal(isStale(INITIAL_STATE, 0), true);
    const heard = { ...INITIAL_STATE, heardAtMs: 10_000 };
    assert.equal(isStale(heard, 12_000), false);
    assert.equal(isStale(heard, 12_900), true);
  });

  it("carries the inspector's clock on with its own, whatever this computer thinks the time is", () => {
    assert.equal(serverNowMs({ ...INITIAL_STATE, heardAtMs: 10_000, serverTimeMs: START_MS }, 10_250), START_MS + 250);
    assert.equal(serverNowMs(INITIAL_STATE, 5), null);
  });
});

describe('a camera', () => {
  const live = { isStale: false, serverMs: START_MS + 1_000 };

  it('is green only when READY with a model that looked a moment ago', () => {
    assert.equal(cameraCondition(makeCamera(), live), 'running');
    assert.equal(cameraCondition(makeCamera({ lastInferenceTs: null }), live), 'idle');
    assert.equal(cameraCondition(makeCamera(), { ...live, serverMs: START_MS + IDLE_AFTER_MS + 1 }), 'idle');
    const state = makeCameraState({ state: 'NOT_READY', reason: 'DISK' });
    assert.equal(cameraCondition(makeCamera({ state }), live), 'not-ready');
    assert.equal(cameraCondition(makeCamera(), { ...live, isStale: true }), 'unknown');
  });

  it('shows rejects in colour even when no model looks: frames that cannot be decoded must be seen', () => {
    const verdict = makeVerdict({ verdict: 'INCONCLUSIVE', reason: 'FRAME_DECODE', score: null });
    assert.equal(isVerdictFresh(verdict, 'idle', START_MS + 500), true);
    assert.equal(isVerdictFresh(verdict, 'unknown', START_MS + 500), false);
  });

  it('shows the colour of a verdict only while it runs and the verdict is of this moment', () => {
    const verdict = makeVerdict();
    assert.equal(isVerdictFresh(verdict, 'running', START_MS + 500), true);
    assert.equal(isVerdictFresh(verdict, 'idle', START_MS + 500), false);
    assert.equal(isVerdictFresh(verdict, 'running', START_MS + 60_000), false);
    assert.equal(isVerdictFresh(verdict, 'running', null), false);
  });
});
