import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InspectorConfig } from '#config';
import type { Decision, Verdict } from '#contracts';
import { summariseScores } from '#model/drift';
import { makePartVerdict, makePartWithoutTop, makeVerdict } from '../../../../test/factories/live.js';
import { QualityWatch, WATCHED } from './quality-watch.js';

const OFF: InspectorConfig['alarms'] = {
  failsInARow: null,
  rejectRate: null,
  fewRejects: null,
  silenceMs: null,
  drift: null,
  challengeEveryMs: null,
  owner: null,
  owners: {},
};

type Mode = InspectorConfig['inspector']['mode'];

function makeWatch(limits: Partial<InspectorConfig['alarms']>, mode: Mode = 'production') {
  const told: string[] = [];
  const on = new Set<string>();
  const goodScores = summariseScores(Array.from({ length: 100 }, (_, i) => i / 500));
  const watch = new QualityWatch(
    {
      cameras: ['cam1', 'cam2'],
      hasParts: true,
      limits: { ...OFF, ...limits },
      origins: WATCHED[mode],
      goodScoresOf: () => goodScores,
      alarms: {
        raise: (code, _message, camera) => {
          if (!on.has(`${code} ${camera}`)) told.push(`${code} ${camera}`);
          on.add(`${code} ${camera}`);
        },
        clear: (code, camera) => {
          if (on.delete(`${code} ${camera}`)) told.push(`end of ${code} ${camera}`);
        },
      },
    },
    0,
  );
  const see = (words: readonly Decision[], over: Partial<Verdict> = {}): void => {
    for (const verdict of words) watch.see(makeVerdict({ verdict, ...over }));
  };
  const taken = (): string[] => told.splice(0);
  return { watch, see, taken };
}

const times = (count: number, word: Decision): Decision[] => Array<Decision>(count).fill(word);

describe('what verdicts say about the line', () => {
  it('a camera clock that is off: at once, until ten frames in a row can be believed', () => {
    const { see, taken } = makeWatch({});
    see(['PASS'], { clockSync: 'none' });
    see(['PASS'], { clockSync: 'ok' });
    assert.deepEqual(taken(), []);
    see(['PASS'], { clockSync: 'off' });
    see(times(9, 'PASS'), { clockSync: 'ok' });
    see(['PASS'], { clockSync: 'off' });
    see(times(9, 'PASS'), { clockSync: 'ok' });
    assert.deepEqual(taken(), ['CLOCK cam1']);
    see(['PASS'], { clockSync: 'ok' });
    assert.deepEqual(taken(), ['end of CLOCK cam1']);
  });

  it('fails in a row: from the third on, until one passes; an inconclusive one in between ends nothing', () => {
    const { see, taken } = makeWatch({ failsInARow: 3 });
    see(['FAIL', 'FAIL', 'PASS', 'FAIL', 'FAIL', 'INCONCLUSIVE']);
    assert.deepEqual(taken(), []);
    see(['FAIL', 'FAIL']);
    see(['FAIL'], { camera: 'cam2' });
    assert.deepEqual(taken(), ['FAILS_IN_A_ROW cam1']);
    see(['PASS']);
    assert.deepEqual(taken(), ['end of FAILS_IN_A_ROW cam1']);
  });

  it('reject rate: begins above one limit and ends at another, over a full window', () => {
    const { see, taken } = makeWatch({ rejectRate: { over: 10, raise: 0.3, clear: 0.1 } });
    see(times(9, 'FAIL'));
    assert.deepEqual(taken(), [], 'nine are no window');
    see(['PASS']);
    assert.deepEqual(taken(), ['REJECT_RATE cam1']);
    see(times(8, 'PASS'));
    assert.deepEqual(taken(), ['end of REJECT_RATE cam1'], 'at one in ten');
    see(['PASS', 'FAIL', 'INCONCLUSIVE', 'PASS']);
    assert.deepEqual(taken(), [], 'between the limits');
  });

  it('parts of several views apart from the views: those without a view, whose frames pass', () => {
    const { watch, see, taken } = makeWatch({ rejectRate: { over: 10, raise: 0.3, clear: 0.1 } });
    for (let n = 0; n < 10; n += 1) {
      see(['PASS'], { camera: 'cam2' });
      watch.seePart(n % 2 === 0 ? makePartWithoutTop() : makePartVerdict());
      watch.seePart(makePartWithoutTop({ simulated: true }));
    }
    assert.deepEqual(taken(), ['REJECT_RATE null']);
    for (let n = 0; n < 9; n += 1) watch.seePart(makePartVerdict());
    assert.deepEqual(taken(), ['end of REJECT_RATE null']);
  });

  it('suspiciously few rejects, until there are some again', () => {
    const { see, taken } = makeWatch({ fewRejects: { over: 20, raise: 0, clear: 0.05 } });
    see(times(20, 'PASS'));
    assert.deepEqual(taken(), ['FEW_REJECTS cam1']);
    see(['FAIL']);
    assert.deepEqual(taken(), [], 'one is not yet enough');
    see(['FAIL']);
    assert.deepEqual(taken(), ['end of FEW_REJECTS cam1']);
  });

  it('silence: also of a camera that never said anything, until a frame comes', () => {
    const { watch, taken } = makeWatch({ silenceMs: 10_000 });
    watch.look(9_000);
    assert.deepEqual(taken(), []);
    watch.look(20_000);
    assert.deepEqual(taken(), ['SILENCE cam1', 'SILENCE cam2']);
    watch.see(makeVerdict({ simulated: true }), 21_000);
    watch.look(22_000);
    assert.deepEqual(taken(), ['end of SILENCE cam1']);
  });

  it('drift: scores that left those of validation’s good pictures; another model begins anew', () => {
    const { watch, taken } = makeWatch({ drift: { over: 50, raise: 0.3, clear: 0.2 } });
    const score = (from: number, model = 'm1', count = 50): void => {
      for (let i = 0; i < count; i++) {
        watch.see(makeVerdict({ score: from + i / 250, model: { id: model, cardSha256: 'c' } }));
      }
      watch.look();
    };
    score(0);
    assert.deepEqual(taken(), []);
    score(0.15);
    assert.deepEqual(taken(), ['DRIFT cam1']);
    score(0, 'm2');
    assert.deepEqual(taken(), ['end of DRIFT cam1']);
    score(0.15, 'm3', 49);
    assert.deepEqual(taken(), [], 'one score is missing to judge it');
  });

  it('a shadow hears of simulated parts as well: it may stand beside a simulated line', () => {
    const { see, taken } = makeWatch({ failsInARow: 3 }, 'shadow');
    see(['FAIL', 'FAIL', 'FAIL'], { simulated: true });
    assert.deepEqual(taken(), ['FAILS_IN_A_ROW cam1']);
  });

  it('simulated parts, challenge parts and history say nothing of the line', () => {
    const { see, taken } = makeWatch({ failsInARow: 1 });
    see(['FAIL'], { simulated: true });
    see(['FAIL'], { challenge: true });
    see(['FAIL'], { historical: true });
    assert.deepEqual(taken(), []);
  });
});
