import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LiveDelta, LiveSnapshot } from '#contracts';
import {
  at,
  makeAlert,
  makeBoard,
  makeCameraState,
  makePartVerdict,
  makePartWithoutTop,
  makeVerdict,
  START_MS,
  VIEWS,
} from '../../../../test/factories/live.js';

const NOW = new Date(START_MS);
const MINUTE_MS = 60_000;

describe('live board', () => {
  it('starts without green: cameras are NOT_READY and nothing was inferred', () => {
    const { cameras } = LiveSnapshot.parse(makeBoard().snapshot(NOW));
    assert.deepEqual(
      cameras.map(({ state, lastInferenceTs }) => [state.state, state.reason, lastInferenceTs]),
      [
        ['NOT_READY', 'STARTING', null],
        ['NOT_READY', 'STARTING', null],
      ],
    );
  });

  it('numbers deltas without holes, going on from the snapshot', () => {
    const board = makeBoard();
    board.takeDelta(NOW);
    assert.equal(board.snapshot(NOW).sequence, 1);
    assert.deepEqual(
      [board.takeDelta(NOW), board.takeDelta(NOW)].map((delta) => LiveDelta.parse(delta).sequence),
      [2, 3],
    );
  });

  it('sends what changed once, and only that', () => {
    const board = makeBoard();
    const verdict = makeVerdict({ camera: 'cam2', verdict: 'FAIL' });
    board.showVerdict(verdict);
    assert.equal(board.hasChanges(), true);
    const first = board.takeDelta(NOW);
    assert.deepEqual(first.verdicts, [verdict]);
    assert.deepEqual(
      first.cameras.map(({ camera }) => camera),
      ['cam2'],
    );
    assert.equal(first.trend.length, 1);
    assert.equal(board.hasChanges(), false);
    const second = board.takeDelta(NOW);
    assert.deepEqual([second.verdicts, second.cameras, second.trend], [[], [], []]);
  });

  it('counts simulated and challenge frames apart', () => {
    const board = makeBoard();
    board.showVerdict(makeVerdict());
    board.showVerdict(makeVerdict({ simulated: true, verdict: 'FAIL' }));
    board.showVerdict(makeVerdict({ simulated: true, challenge: true, verdict: 'FAIL' }));
    const { cameras, trend } = board.snapshot(NOW);
    assert.deepEqual(cameras[0]?.tallies, {
      line: { pass: 1, fail: 0, inconclusive: 0, first: 1, firstPass: 1 },
      simulated: { pass: 0, fail: 1, inconclusive: 0, first: 1, firstPass: 0 },
      challenge: { pass: 0, fail: 1, inconclusive: 0, first: 1, firstPass: 0 },
    });
    assert.deepEqual(trend.map(({ origin }) => origin).sort(), ['challenge', 'line', 'simulated']);
  });

  it('counts challenge parts by what the model saw, not by the published word', () => {
    const board = makeBoard();
    const challenge = { challenge: true, verdict: 'INCONCLUSIVE' } as const;
    board.showVerdict(makeVerdict({ challenge: true, verdict: 'FAIL' }));
    board.showVerdict(makeVerdict({ ...challenge, reason: 'CHALLENGE', score: 0.04 }));
    board.showVerdict(makeVerdict({ ...challenge, reason: 'IMAGE_BLUR', score: null }));
    board.showVerdict(makeVerdict({ ...challenge, reason: 'INTERRUPTED', score: null, historical: true }));
    assert.deepEqual(board.snapshot(NOW).cameras[0]?.challenges, { caught: 1, missed: 1, void: 1 });
  });

  it('counts parts of several views apart from the frames of their views, by stream', () => {
    const board = makeBoard({ hasParts: true });
    board.showVerdict(makeVerdict({ camera: 'cam2' }));
    board.showPart(makePartWithoutTop());
    board.showPart(makePartVerdict());
    board.showPart(makePartVerdict({ verdict: 'FAIL', simulated: true }));
    board.showPart(makePartWithoutTop({ challenge: true }));
    const { parts, cameras } = LiveSnapshot.parse(board.snapshot(NOW));
    assert.deepEqual(parts?.tallies, {
      line: { pass: 1, fail: 0, inconclusive: 1, first: 2, firstPass: 1 },
      simulated: { pass: 0, fail: 1, inconclusive: 0, first: 1, firstPass: 0 },
      challenge: { pass: 0, fail: 0, inconclusive: 1, first: 1, firstPass: 0 },
    });
    assert.deepEqual(parts.missingView, { line: 1, simulated: 0, challenge: 1 });
    assert.deepEqual(
      cameras.map(({ tallies }) => tallies.line.pass),
      [0, 1],
    );
  });

  it('takes only the first inspection of a part of several views into first-pass yield', () => {
    const board = makeBoard({ hasParts: true });
    board.showPart(makePartWithoutTop({ partId: 'SN-A' }));
    board.showPart(makePartVerdict({ partId: 'SN-A' }));
    const tally = { pass: 1, fail: 0, inconclusive: 1, first: 1, firstPass: 0 };
    const { parts, trend } = board.snapshot(NOW);
    assert.deepEqual(parts?.tallies.line, tally);
    assert.deepEqual(trend, [{ minute: at(0), camera: null, origin: 'line', ...tally }]);
  });

  it('sends the figures of parts as they stand, and each rejected part once', () => {
    const board = makeBoard({ hasParts: true });
    const [first, second] = [makePartWithoutTop(), makePartVerdict({ verdict: 'FAIL' })];
    board.showPart(first);
    assert.equal(board.hasChanges(), true);
    assert.deepEqual(LiveDelta.parse(board.takeDelta(NOW)).parts?.rejects, [first]);
    assert.equal(board.hasChanges(), false);
    assert.equal(board.takeDelta(NOW).parts, null);
    board.showPart(second);
    board.showPart(makePartVerdict());
    const { parts } = board.takeDelta(NOW);
    assert.deepEqual(parts?.rejects, [second]);
    assert.deepEqual(parts.tallies.line, { pass: 1, fail: 1, inconclusive: 1, first: 3, firstPass: 1 });
    assert.deepEqual(board.snapshot(NOW).parts?.rejects, [first, second]);
  });

  it('keeps the last rejected parts, and a delta has no more of them', () => {
    const board = makeBoard({ hasParts: true, rejects: 2 });
    const parts = Array.from({ length: 4 }, () => makePartWithoutTop());
    for (const part of parts) board.showPart(part);
    assert.deepEqual(board.snapshot(NOW).parts?.rejects, parts.slice(2));
    assert.deepEqual(board.takeDelta(NOW).parts?.rejects, parts.slice(2));
  });

  it('lists the last parts whatever became of them, and where each view is taken', () => {
    const board = makeBoard({ hasParts: true, recent: 2 });
    const parts = [makePartWithoutTop(), makePartVerdict(), makePartVerdict()];
    for (const part of parts) board.showPart(part);
    const { views, recent, rejects } = LiveSnapshot.parse(board.snapshot(NOW)).parts ?? assert.fail();
    assert.deepEqual([views, recent, rejects], [VIEWS, parts.slice(1), parts.slice(0, 1)]);
    board.takeDelta(NOW);
    const next = makePartVerdict();
    board.showPart(next);
    assert.deepEqual(board.takeDelta(NOW).parts?.recent, [next]);
  });

  it('lists rejected parts of earlier runs without counting them', () => {
    const board = makeBoard({ hasParts: true, rejects: 3 });
    const [oldest, earlier, later, own] = Array.from({ length: 4 }, () => makePartWithoutTop());
    assert.ok(oldest && earlier && later && own);
    board.showPart(own);
    board.restore({ verdicts: [], parts: [oldest, earlier, later, own] });
    const { parts } = board.snapshot(NOW);
    assert.deepEqual(parts?.rejects, [earlier, later, own]);
    assert.deepEqual(parts.recent, [own]);
    assert.equal(parts.tallies.line.inconclusive, 1);
  });

  it('knows of no parts where the gate acts on the cameras', () => {
    const board = makeBoard();
    board.showPart(makePartVerdict());
    const { parts, trend } = board.snapshot(NOW);
    assert.deepEqual([parts, trend, board.takeDelta(NOW).parts], [null, [], null]);
  });

  it('takes only the first inspection of a part into first-pass yield', () => {
    const board = makeBoard();
    board.showVerdict(makeVerdict({ partId: 'SN-A', verdict: 'FAIL' }));
    board.showVerdict(makeVerdict({ partId: 'SN-A', verdict: 'PASS' }));
    board.showVerdict(makeVerdict({ partId: 'SN-A', verdict: 'PASS', camera: 'cam2' }));
    const [cam1, cam2] = board.snapshot(NOW).cameras;
    assert.deepEqual(cam1?.tallies.line, { pass: 1, fail: 1, inconclusive: 0, first: 1, firstPass: 0 });
    assert.deepEqual(cam2?.tallies.line, { pass: 1, fail: 0, inconclusive: 0, first: 1, firstPass: 1 });
  });

  it('counts a verdict shown twice once', () => {
    const board = makeBoard();
    const verdict = makeVerdict();
    board.showVerdict(verdict);
    board.showVerdict(verdict);
    assert.equal(board.snapshot(NOW).cameras[0]?.tallies.line.pass, 1);
  });

  it('puts frames in the minute of their arrival and forgets minutes outside the window', () => {
    const board = makeBoard({ trendMinutes: 4 });
    for (const minute of [0, 1, 1, 2, 4]) board.showVerdict(makeVerdict({ atMs: minute * MINUTE_MS + 59_990 }));
    const late = makeVerdict({ atMs: 0 });
    board.showVerdict({ ...late, ts: { ...late.ts, decided: at(5 * MINUTE_MS) } });
    const { trend, cameras } = board.snapshot(NOW);
    assert.deepEqual(
      trend.map(({ minute, pass }) => [minute, pass]),
      [
        [at(2 * MINUTE_MS), 1],
        [at(4 * MINUTE_MS), 1],
      ],
    );
    assert.equal(cameras[0]?.tallies.line.pass, 6);
  });

  it('draws on when a clock that was ahead is put right, and forgets the minutes that never were', () => {
    const board = makeBoard({ trendMinutes: 3 });
    for (const minute of [0, 1, 1_440, 2, 3]) board.showVerdict(makeVerdict({ atMs: minute * MINUTE_MS }));
    assert.deepEqual(
      board.snapshot(NOW).trend.map(({ minute }) => minute),
      [at(2 * MINUTE_MS), at(3 * MINUTE_MS)],
    );
  });

  it('stays within its bounds and leaves out passes before rejects', () => {
    const board = makeBoard({ recent: 10, rejects: 4, pending: 5, trendBuckets: 6 });
    for (let i = 0; i < 50; i += 1) {
      board.showVerdict(makeVerdict({ verdict: i % 10 === 0 ? 'FAIL' : 'PASS', atMs: i * MINUTE_MS }));
    }
    const snapshot = board.snapshot(NOW);
    assert.equal(snapshot.recent.length, 10);
    assert.equal(snapshot.rejects.length, 4);
    assert.equal(snapshot.trend.length, 6);
    const delta = board.takeDelta(NOW);
    assert.equal(delta.verdicts.length, 5);
    assert.equal(delta.omitted, 45);
    assert.equal(delta.verdicts.filter(({ verdict }) => verdict === 'FAIL').length, 5);
  });

  it('takes the age of the last inference from frames a model looked at, never from historical ones', () => {
    const board = makeBoard();
    board.showVerdict(makeVerdict({ score: null, verdict: 'INCONCLUSIVE', reason: 'OVERLOAD', atMs: 5_000 }));
    board.showVerdict(makeVerdict({ historical: true, atMs: 6_000 }));
    assert.equal(board.snapshot(NOW).cameras[0]?.lastInferenceTs, null);
    board.showVerdict(makeVerdict({ atMs: 1_000 }));
    assert.equal(board.snapshot(NOW).cameras[0]?.lastInferenceTs, at(1_020));
  });

  it('keeps the pictures it told pages of, and no older ones', () => {
    const board = makeBoard();
    for (let i = 0; i < 7; i += 1) {
      board.showFrame('cam1', `skipped-${i}`, new Uint8Array([0]));
      board.showFrame('cam1', `f${i}`, new Uint8Array([i]));
      assert.equal(board.takeDelta(NOW).cameras[0]?.pictureFrameId, `f${i}`);
    }
    assert.deepEqual(board.picture('f6'), new Uint8Array([6]));
    assert.deepEqual(board.picture('f2'), new Uint8Array([2]));
    assert.equal(board.picture('f1'), null);
    assert.equal(board.picture('skipped-6'), null);
  });

  it('shows state, counters, broker and alerts as they come and go', () => {
    const board = makeBoard();
    board.showCamera({ camera: 'cam1', state: makeCameraState(), accepted: 7, gaps: 2 });
    board.showCamera({ camera: 'cam1', queue: 3 });
    board.showBroker(true);
    const alert = makeAlert({ code: 'DISK', message: 'Disk under its watermark.', camera: null });
    board.showAlert(alert);
    const delta = board.takeDelta(NOW);
    assert.equal(delta.brokerConnected, true);
    assert.deepEqual(delta.alerts, [alert]);
    assert.equal(delta.cameras[0]?.state.state, 'READY');
    assert.equal(delta.cameras[0]?.queue, 3);
    assert.deepEqual(delta.cameras[0]?.counts, { accepted: 7, duplicates: 0, gaps: 2, late: 0 });
    board.showAlert({ ...alert, acknowledged: { by: 'Ada', ts: at(1) }, active: false });
    assert.deepEqual(board.takeDelta(NOW).alerts, []);
    assert.equal(board.takeDelta(NOW).alerts, null);
  });

  it('keeps an alarm nobody saw in its place: over, begun anew, until somebody has seen it', () => {
    const board = makeBoard();
    const [flickers, lasts] = [makeAlert({ code: 'OVERLOAD' }), makeAlert()];
    const shown = () => board.snapshot(NOW).alerts.map(({ code, active }) => `${code} ${active}`);
    for (const alert of [flickers, lasts, { ...flickers, active: false }]) board.showAlert(alert);
    assert.deepEqual(shown(), ['OVERLOAD false', 'REJECT_RATE true']);
    board.showAlert(flickers);
    assert.deepEqual(shown(), ['OVERLOAD true', 'REJECT_RATE true']);
    board.showAlert({ ...flickers, active: false });
    board.showAlert({ ...flickers, active: false, acknowledged: { by: 'Ada', ts: at(1) } });
    assert.deepEqual(shown(), ['REJECT_RATE true']);
  });

  it('leaves no alarm out, however many cameras have one', () => {
    const board = makeBoard();
    for (let n = 1; n <= 40; n += 1) board.showAlert(makeAlert({ code: 'NOT_READY', camera: `cam${n}` }));
    assert.equal(board.snapshot(NOW).alerts.length, 40);
    assert.equal(board.takeDelta(NOW).alerts?.length, 40);
  });

  it('lists rejects of earlier runs without counting them', () => {
    const board = makeBoard();
    const [earlier, later, own] = Array.from({ length: 3 }, () => makeVerdict({ verdict: 'FAIL' }));
    assert.ok(earlier && later && own);
    board.showVerdict(own);
    const { sequence } = board.snapshot(NOW);
    board.restore({ verdicts: [earlier, later], parts: [] });
    const { rejects, recent, cameras } = board.snapshot(NOW);
    assert.deepEqual(rejects, [earlier, later, own]);
    assert.deepEqual(recent, [own]);
    assert.equal(cameras[0]?.tallies.line.fail, 1);
    assert.equal(board.takeDelta(NOW).sequence, sequence + 2, 'a hole for pages that were there before');
  });

  it('counts news of a camera it does not know instead of stopping the line', () => {
    const board = makeBoard();
    board.showVerdict(makeVerdict({ camera: 'removed' }));
    board.showFrame('removed', 'f', new Uint8Array());
    assert.equal(board.ignored, 2);
    assert.deepEqual(board.snapshot(NOW).recent, []);
  });
});
