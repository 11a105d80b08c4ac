import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { holdClock } from '../../../../test/factories/held-clock.js';
import { makeVerdict } from '../../../../test/factories/live.js';
import type { SentFrame } from './camera.js';
import { Gate, type GateOptions } from './gate.js';

const WINDOW_MS = 25;
const clock = holdClock();

function makeGate(over: Partial<GateOptions> = {}): Gate {
  return new Gate({ windowMs: WINDOW_MS, acceptsSimulated: false, readyBootId: () => 'boot1', ...over });
}

function makeFrame(over: Partial<SentFrame> = {}): SentFrame {
  return { frameId: 'f1', seq: 1, camera: 'cam1', partId: 'p1', sentAt: performance.now(), ...over };
}

const pass = (over: Parameters<typeof makeVerdict>[0] = {}) => makeVerdict({ frameId: 'f1', partId: 'p1', ...over });

describe('the gate', () => {
  it('passes on the word PASS for the part it waits for', async () => {
    const gate = makeGate();
    const outcome = gate.wait(makeFrame());
    clock.pass(WINDOW_MS - 1);
    assert.equal(gate.hear(pass()), true);
    const { isPassed, cause, latencyMs } = await outcome;
    assert.deepEqual({ isPassed, cause, latencyMs }, { isPassed: true, cause: 'PASS', latencyMs: WINDOW_MS - 1 });
  });

  for (const verdict of ['FAIL', 'INCONCLUSIVE'] as const) {
    it(`rejects on ${verdict}, and a later PASS changes nothing`, async () => {
      const gate = makeGate();
      const outcome = gate.wait(makeFrame());
      gate.hear(pass({ verdict }));
      assert.equal(gate.hear(pass()), false);
      assert.deepEqual([(await outcome).isPassed, (await outcome).cause], [false, verdict]);
    });
  }

  it('rejects when nothing comes within the window of its own trigger', async () => {
    const outcome = makeGate().wait(makeFrame());
    clock.pass(WINDOW_MS);
    const { isPassed, cause, verdict } = await outcome;
    assert.deepEqual({ isPassed, cause, verdict }, { isPassed: false, cause: 'NO_VERDICT', verdict: null });
  });

  it('counts the window from the trigger, not from when it was told', async () => {
    const gate = makeGate();
    const outcome = gate.wait(makeFrame({ sentAt: performance.now() - WINDOW_MS - 1 }));
    gate.hear(pass());
    clock.pass(0);
    assert.deepEqual([(await outcome).isPassed, (await outcome).cause], [false, 'LATE']);
  });

  it('ignores a verdict for another part or another camera', async () => {
    const gate = makeGate();
    const outcome = gate.wait(makeFrame());
    assert.equal(gate.hear(pass({ partId: 'p2' })), false);
    assert.equal(gate.hear(pass({ camera: 'cam2' })), false);
    assert.equal(gate.hear(pass({ partId: null })), false);
    clock.pass(WINDOW_MS);
    assert.equal((await outcome).cause, 'NO_VERDICT');
  });

  const refused = [
    { name: 'of an inspector that is not READY', over: {}, gate: { readyBootId: () => null }, cause: 'NOT_READY' },
    { name: 'of another boot', over: { bootId: 'boot0' }, gate: {}, cause: 'OTHER_BOOT' },
    { name: 'for a simulated frame', over: { simulated: true }, gate: {}, cause: 'SIMULATED' },
    { name: 'for a challenge part', over: { challenge: true }, gate: { acceptsSimulated: true }, cause: 'CHALLENGE' },
    { name: 'from the past', over: { historical: true }, gate: { acceptsSimulated: true }, cause: 'HISTORICAL' },
    { name: 'that says it is late', over: { late: true }, gate: {}, cause: 'LATE' },
  ];
  for (const { name, over, gate: options, cause } of refused) {
    it(`rejects on a PASS ${name}`, async () => {
      const gate = makeGate(options);
      const outcome = gate.wait(makeFrame());
      gate.hear(pass(over));
      clock.pass(WINDOW_MS);
      assert.deepEqual([(await outcome).isPassed, (await outcome).cause], [false, cause]);
    });
  }

  it('still takes a valid PASS after one that did not count', async () => {
    const gate = makeGate();
    const outcome = gate.wait(makeFrame());
    gate.hear(pass({ bootId: 'boot0' }));
    gate.hear(pass());
    assert.equal((await outcome).isPassed, true);
  });

  it('passes simulated frames only where the whole line is a simulation', async () => {
    const gate = makeGate({ acceptsSimulated: true });
    const outcome = gate.wait(makeFrame());
    gate.hear(pass({ simulated: true }));
    assert.equal((await outcome).isPassed, true);
  });

  it('rejects what it waits for when it is stopped, or when the same part comes again', async () => {
    const gate = makeGate();
    const [first, second] = [gate.wait(makeFrame()), gate.wait(makeFrame({ frameId: 'f2' }))];
    assert.equal((await first).cause, 'NO_VERDICT');
    gate.stop();
    assert.equal((await second).isPassed, false);
    assert.equal(gate.waiting, 0);
  });
});
