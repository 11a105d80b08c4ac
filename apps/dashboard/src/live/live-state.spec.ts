import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LiveDelta, LiveParts, LiveSnapshot } from '#contracts';
import { at, makePartVerdict, makePartWithoutTop, makeVerdict, VIEWS } from '../../../../test/factories/live.js';
import { INITIAL_STATE, type LiveState, reduceLive } from './live-state.js';

function makeSnapshot(overrides: Partial<LiveSnapshot> = {}): LiveSnapshot {
  return {
    schema: 'lineside.live/1',
    sequence: 7,
    inspectorId: 'inspector1',
    bootId: 'boot1',
    station: 'acme/north/assembly/line1/st10',
    startedTs: at(0),
    now: at(0),
    brokerConnected: true,
    simulated: false,
    shadow: false,
    cameras: [],
    parts: null,
    recent: [],
    rejects: [],
    trend: [],
    alerts: [],
    ...overrides,
  };
}

function makeDelta(sequence: number, overrides: Partial<LiveDelta> = {}): LiveDelta {
  return {
    sequence,
    now: at(sequence * 1_000),
    brokerConnected: true,
    cameras: [],
    parts: null,
    trend: [],
    verdicts: [],
    omitted: 0,
    alerts: null,
    ...overrides,
  };
}

function liveAfterSnapshot(overrides: Partial<LiveSnapshot> = {}): LiveState {
  return reduceLive(INITIAL_STATE, { type: 'snapshot', snapshot: makeSnapshot(overrides), atMs: 1_000 });
}

function reduceDelta(state: LiveState, sequence: number, overrides: Partial<LiveDelta> = {}): LiveState {
  return reduceLive(state, { type: 'delta', delta: makeDelta(sequence, overrides), atMs: sequence * 1_000 });
}

describe('live state of the page', () => {
  it('takes deltas in order and keeps the time of the last', () => {
    const verdict = makeVerdict({ verdict: 'FAIL' });
    const state = reduceDelta(reduceDelta(liveAfterSnapshot(), 8), 9, { verdicts: [verdict] });
    assert.equal(state.sequence, 9);
    assert.equal(state.heardAtMs, 9_000);
    assert.deepEqual(state.data?.recent, [verdict]);
    assert.deepEqual(state.data?.rejects, [verdict]);
  });

  it('waits for a snapshot after a hole, without taking later deltas or their time', () => {
    let state = reduceDelta(liveAfterSnapshot(), 9);
    assert.equal(state.isWaitingForSnapshot, true);
    assert.equal(state.resyncs, 1);
    state = reduceDelta(state, 10, { verdicts: [makeVerdict()] });
    assert.equal(state.heardAtMs, 1_000);
    assert.deepEqual(state.data?.recent, []);
    state = reduceLive(state, { type: 'snapshot', snapshot: makeSnapshot({ sequence: 10 }), atMs: 5_000 });
    assert.equal(state.isWaitingForSnapshot, false);
    assert.equal(reduceDelta(state, 11).sequence, 11);
  });

  it('drops a delta it already has, and those that come before any snapshot', () => {
    const state = liveAfterSnapshot();
    assert.equal(reduceDelta(state, 7), state);
    assert.equal(reduceDelta(INITIAL_STATE, 1), INITIAL_STATE);
  });

  it('asks for everything again after a reconnect and after an unreadable message', () => {
    const lost = reduceLive(liveAfterSnapshot(), { type: 'link', link: 'disconnected' });
    assert.equal(lost.isWaitingForSnapshot, true);
    assert.equal(reduceLive(lost, { type: 'link', link: 'connected' }).isWaitingForSnapshot, true);
    assert.equal(reduceLive(liveAfterSnapshot(), { type: 'unreadable' }).isWaitingForSnapshot, true);
  });

  it('counts how often it found the inspector', () => {
    const links = ['connected', 'disconnected', 'refused', 'connected'] as const;
    const state = links.reduce((last, link) => reduceLive(last, { type: 'link', link }), INITIAL_STATE);
    assert.equal(state.connects, 2);
  });

  it('does not list a verdict twice that was in the snapshot already', () => {
    const verdict = makeVerdict({ verdict: 'FAIL' });
    const state = reduceDelta(liveAfterSnapshot({ recent: [verdict], rejects: [verdict] }), 8, { verdicts: [verdict] });
    assert.equal(state.data?.recent.length, 1);
    assert.equal(state.data?.rejects.length, 1);
  });

  it('takes figures of parts as they stand, and adds parts to those it has', () => {
    const none = { pass: 0, fail: 0, inconclusive: 0, first: 0, firstPass: 0 };
    const partsWith = (inconclusive: number, rejects: LiveParts['rejects'], recent = rejects): LiveParts => ({
      views: [...VIEWS],
      tallies: { line: { ...none, inconclusive }, simulated: none, challenge: none },
      missingView: { line: inconclusive, simulated: 0, challenge: 0 },
      recent,
      rejects,
    });
    const [inBoth, next] = [makePartWithoutTop(), makePartVerdict({ verdict: 'FAIL' })];
    let state = liveAfterSnapshot({ parts: partsWith(1, [inBoth]) });
    state = reduceDelta(state, 8, { parts: partsWith(1, [inBoth]) });
    state = reduceDelta(state, 9);
    const passed = makePartVerdict();
    state = reduceDelta(state, 10, { parts: partsWith(2, [next], [passed, next]) });
    assert.deepEqual(state.data?.parts, partsWith(2, [inBoth, next], [inBoth, passed, next]));
  });

  it('replaces minutes with the absolute values of a delta', () => {
    const bucket = {
      minute: at(0),
      camera: 'cam1',
      origin: 'line' as const,
      pass: 1,
      fail: 0,
      inconclusive: 0,
      first: 1,
      firstPass: 1,
    };
    const state = reduceDelta(liveAfterSnapshot({ trend: [bucket] }), 8, { trend: [{ ...bucket, pass: 4 }] });
    assert.deepEqual([...(state.data?.trend.values() ?? [])], [{ ...bucket, pass: 4 }]);
  });

  it('forgets minutes when the inspector does: after a shift', () => {
    const none = { pass: 1, fail: 0, inconclusive: 0, first: 1, firstPass: 1 };
    const bucket = (minute: number) => ({
      minute: at(minute * 60_000),
      camera: 'cam1',
      origin: 'line' as const,
      ...none,
    });
    let state = liveAfterSnapshot({ trend: [bucket(0), bucket(1)] });
    state = reduceDelta(state, 8, { trend: [bucket(480)] });
    assert.deepEqual(
      [...(state.data?.trend.values() ?? [])].map(({ minute }) => minute),
      [at(60_000), at(480 * 60_000)],
    );
  });

  it('remembers no more than the inspector does', () => {
    let state = liveAfterSnapshot();
    for (let sequence = 8; sequence < 20; sequence += 1) {
      const verdicts = Array.from({ length: 50 }, () => makeVerdict({ verdict: 'FAIL' }));
      state = reduceDelta(state, sequence, { verdicts });
    }
    assert.equal(state.data?.recent.length, 200);
    assert.equal(state.data?.rejects.length, 100);
  });
});
