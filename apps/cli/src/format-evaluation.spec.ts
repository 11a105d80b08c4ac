import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reachedAt } from '#model/reached';
import { makeEvaluation, makeFigures } from '../../../test/factories/artefact.js';
import { formatEvaluation, formatScores } from './format-evaluation.js';

const POINT = { threshold: 0.3, greyZone: [0.2, 0.4] as [number, number] };

type Evaluated = Parameters<typeof formatEvaluation>[0];

/** What is printed of a model's test side on which nothing is doubted. */
function print(over: Pick<Evaluated, 'card' | 'evaluation'> & Partial<Evaluated>): string {
  const whole = { subset: 'test', leftOut: 0, doubts: [], runtime: 'r', precision: 'fp32' } as const;
  return formatEvaluation({ ...whole, ...over });
}

describe('figures on paper', () => {
  it('writes scores that read back as the same number, quoting where a path needs it', () => {
    const score = 0.1 + 0.2;
    const csv = formatScores([{ sample: { path: 'good/a, b.png', label: 'good' }, score }], POINT);
    assert.equal(csv, `path,label,score,verdict,reason\n"good/a, b.png",good,${score},INCONCLUSIVE,GREY_ZONE\n`);
    assert.equal(Number(csv.trim().split(',').at(-3)), score);
  });

  it('writes the verdict beside each score, also where the guard gave it', () => {
    const sample = { path: 'a.png', label: 'good' };
    const rows = formatScores(
      [
        { sample, score: 0 },
        { sample, score: 0, isUnfamiliar: true },
        { sample, score: 1 },
      ],
      POINT,
    );
    assert.deepEqual(rows.trim().split('\n').slice(1), [
      'a.png,good,0,PASS,MODEL',
      'a.png,good,0,INCONCLUSIVE,UNFAMILIAR',
      'a.png,good,1,FAIL,MODEL',
    ]);
  });

  it('names every share with its limits and its denominator', () => {
    const computed = { runtime: 'onnxruntime-node 1 cpu', precision: 'int8' } as const;
    const card = { id: 'm1', operatingReason: null, oneClass: null };
    const unsure = makeFigures({
      atThreshold: { ...makeEvaluation().atThreshold, inconclusive: 5 },
      confusion: [
        { label: 'good', PASS: 7, INCONCLUSIVE: 3, FAIL: 0, named: {} },
        { label: 'defect', PASS: 0, INCONCLUSIVE: 2, FAIL: 8, named: {} },
      ],
    });
    const text = print({ card, evaluation: unsure, ...computed });
    assert.match(text, /m1 on test +20 pictures +10 defects, 10 good/);
    assert.match(text, /AUROC +1\.0000 +95 % limits 0\.8300 to 1\.0000 \(Newcombe\)/);
    assert.match(text, /inconclusive +5 +of 20: 2 defects and 3 good parts; rejected, so no miss/);
    assert.match(text, /miss rate +0\.00 % \(0\.00 % to 31\.00 %\) +0 of 10 defects passed/);
    assert.match(
      text,
      /threshold 0\.5000, grey zone 0\.4000 to 0\.6000\ncomputed in int8 by onnxruntime-node 1 cpu\n$/,
    );
  });

  it('says what these pictures show of the wish behind the threshold', () => {
    const wish = { kind: 'claim', missAtMost: 0.005, confidence: 0.95 } as const;
    const reached = reachedAt(makeEvaluation().atThreshold, wish);
    const aim = { wish, defectRate: null, reviewPerThousand: 20 };
    const reason = { ...aim, reached: { validation: reached, test: null }, spread: null, words: '' };
    const card = { id: 'm1', operatingReason: reason, oneClass: null };
    const text = print({ card, evaluation: makeFigures() });
    assert.match(text, /^wish: miss at most 0\.5 % of the defects, at 95 % confidence$/m);
    assert.match(text, /^here: 0 of 10 defects missed, at most 25\.9 %.*588 more without a miss would show it$/m);
  });

  it('says of a one-class model which overkill its limit was set for', () => {
    const heldOut = { pictures: 40, groups: 40, beyond: 0 };
    const oneClass = { overkill: 0.02, heldOut, validation: { pictures: 10, rejected: 0 }, patches: 40 };
    const card = { id: 'm', operatingReason: null, oneClass };
    const { atThreshold } = makeEvaluation();
    const evaluation = makeFigures({ atThreshold: { ...atThreshold, tp: 0, fn: 0 } });
    const text = print({ card, evaluation });
    assert.match(text, /^wish: reject at most 2 % of the good parts$/m);
    assert.match(text, /^here: no defects to tell misses; 0 of 10 good parts rejected, at most 25\.9 %/m);
  });

  it('says what was left out, and of pictures of one kind counts and limits alone', () => {
    const none = { auroc: null, averagePrecision: null, maxF1: null, overkillAtRecall: null };
    const evaluation = makeFigures({ ...none, aurocInterval: null, f1AtThreshold: null, curve: [] });
    const card = { id: 'm', operatingReason: null, oneClass: null };
    const text = print({ card, leftOut: 48, doubts: ['too like'], evaluation });
    assert.match(text, /m on test +20 pictures, 48 used in training left out +10 defects, 10 good/);
    assert.match(text, /AUROC +- +pictures of one kind alone cannot be ranked/);
    assert.match(text, /^doubt: too like$/m);
    assert.match(text, /overkill +0\.00 % \(0\.00 % to 31\.00 %\)/);
    assert.doesNotMatch(text, /null|NaN|undefined|at recall|F1/);
  });

  it('breaks them down where the slices are few enough to read, and says of more how many have an error', () => {
    const share = { value: 0.1, low: 0, high: 0.4 };
    const slice = { defects: 10, goods: 0, missed: 1, overkill: 0, missRate: share, overkillRate: share, auroc: 0.9 };
    const lots = Array.from({ length: 13 }, (_, i) => ({ ...slice, by: 'lot' as const, name: `L${i}`, missed: i % 2 }));
    const evaluation = makeFigures({ slices: [{ ...slice, by: 'class', name: 'pit' }, ...lots] });
    const card = { id: 'm', operatingReason: null, oneClass: null };
    const text = print({ card, evaluation });
    assert.match(text, /class pit +1 of 10: 10\.00 % \(0\.00 % to 40\.00 %\)\n/);
    assert.doesNotMatch(text, /lot L1/);
    assert.match(text, /^by lot: 6 of 13 with a miss or overkill; `lineside report` lists the worst$/m);
  });
});
