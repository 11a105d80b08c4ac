import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeArtefact } from '../../../test/factories/artefact.js';
import { makeArrival } from '../../../test/factories/frames.js';
import type { Outcome } from './inference/outcome.js';
import { forGate, interrupted, judge, type Sitting } from './judge.js';

const TIMES = { queueMs: 1, decodeMs: 2, inferMs: 3 };
const { card } = await makeArtefact();

function scored(defect: number): Outcome {
  const place = { runtime: 'onnx-cpu', precision: 'fp32' } as const;
  return { kind: 'scored', scores: { good: 1 - defect, defect }, card, cardSha256: 'c'.repeat(64), place, ...TIMES };
}

function sit(over: Partial<Sitting> = {}): Sitting {
  return {
    bootId: 'boot-1',
    mode: 'production',
    arrival: makeArrival(),
    outcome: scored(0.1),
    acceptMs: 1,
    decidedTs: '2026-01-02T03:04:05.106Z',
    isLate: false,
    ...over,
  };
}

const word = (sitting: Sitting): string => {
  const { verdict, reason } = judge(sitting);
  return `${verdict} ${reason}`;
};

describe('the verdict of a model with a guard', () => {
  const heldOut = { pictures: 200, groups: 40, beyond: 1 };
  const guarded = { ...card, guard: { output: 'distance', limit: 4, falseAlarm: 0.005, heldOut } };
  const measured = (distance?: number) => sit({ outcome: { ...scored(0.1), card: guarded, distance } as Outcome });

  it('says how unlike training the frame is', () => {
    const { verdict, novelty } = judge(measured(1.5));
    assert.deepEqual([verdict, novelty], ['PASS', { distance: 1.5, limit: 4 }]);
  });

  it('is UNFAMILIAR beyond the limit and keeps the scores', () => {
    const { verdict, reason, score } = judge(measured(4.5));
    assert.deepEqual([verdict, reason, score?.toFixed(1)], ['INCONCLUSIVE', 'UNFAMILIAR', '0.1']);
  });

  it('is INTERNAL where the graph gave no distance', () => assert.equal(word(measured()), 'INCONCLUSIVE INTERNAL'));
});

describe('the verdict', () => {
  const cases: [string, Partial<Sitting>, string][] = [
    ['is PASS below the grey zone', { outcome: scored(0.39) }, 'PASS MODEL'],
    ['is INCONCLUSIVE inside it', { outcome: scored(0.41) }, 'INCONCLUSIVE GREY_ZONE'],
    ['is FAIL above it', { outcome: scored(0.61) }, 'FAIL MODEL'],
    ['is never PASS after the window', { outcome: scored(0.1), isLate: true }, 'INCONCLUSIVE LATE'],
    ['stays FAIL after the window', { outcome: scored(0.9), isLate: true }, 'FAIL MODEL'],
    [
      'is never PASS for a simulated frame in production',
      { arrival: makeArrival({ simulated: true }) },
      'INCONCLUSIVE CHALLENGE',
    ],
    [
      'is never PASS for a challenge frame in production',
      { arrival: makeArrival({ challenge: true }) },
      'INCONCLUSIVE CHALLENGE',
    ],
    [
      'may be PASS for a simulated frame in simulation',
      { arrival: makeArrival({ simulated: true }), mode: 'simulation' },
      'PASS MODEL',
    ],
    [
      'is FAIL for a challenge part that was detected',
      { arrival: makeArrival({ challenge: true }), outcome: scored(0.9) },
      'FAIL MODEL',
    ],
    ['is INTERNAL where a score is no number', { outcome: scored(Number.NaN) }, 'INCONCLUSIVE INTERNAL'],
    [
      'carries the reason of what could not be inspected',
      { outcome: { kind: 'refused', reason: 'FRAME_DECODE', message: '', ...TIMES } },
      'INCONCLUSIVE FRAME_DECODE',
    ],
  ];
  for (const [name, over, expected] of cases) it(name, () => assert.equal(word(sit(over)), expected));

  it('names the defect class, never on PASS', () => {
    assert.equal(judge(sit({ outcome: scored(0.9) })).defectClass, 'defect');
    assert.equal(judge(sit()).defectClass, null);
  });

  it('keeps what the model said beside the word', () => {
    const { score, scores, model, threshold, greyZone } = judge(sit({ arrival: makeArrival({ challenge: true }) }));
    assert.ok(Math.abs((score ?? 1) - 0.1) < 1e-9);
    assert.deepEqual(Object.keys(scores ?? {}), ['good', 'defect']);
    const place = { runtime: 'onnx-cpu', precision: 'fp32' };
    assert.deepEqual(model, { id: card.id, cardSha256: 'c'.repeat(64), ...place });
    assert.deepEqual([threshold, greyZone], [card.operatingPoint.threshold, card.operatingPoint.greyZone]);
  });

  it('of a frame that a crash left open is INTERRUPTED and history', () => {
    const { verdict, reason, historical, recorded } = interrupted(makeArrival(), {
      bootId: 'b',
      decidedTs: '2026-01-02T03:05:00.000Z',
    });
    assert.deepEqual(
      { verdict, reason, historical, recorded },
      { verdict: 'INCONCLUSIVE', reason: 'INTERRUPTED', historical: true, recorded: true },
    );
  });
});

describe('what the gate hears', () => {
  const pass = judge(sit());

  it('is the verdict inside the window', () => assert.equal(forGate(pass, false), pass));

  it('is never PASS after it', () => {
    const { verdict, reason, late } = forGate(pass, true);
    assert.deepEqual({ verdict, reason, late }, { verdict: 'INCONCLUSIVE', reason: 'LATE', late: true });
  });

  it('is a late FAIL as FAIL, and says so', () => {
    const { verdict, late } = forGate(judge(sit({ outcome: scored(0.9) })), true);
    assert.deepEqual({ verdict, late }, { verdict: 'FAIL', late: true });
  });
});
