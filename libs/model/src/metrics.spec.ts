import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Evaluation } from '#contracts';
import { evaluateScores } from './metrics.js';
import { auroc, averagePrecision, maxF1, overkillAtRecall, type ScoredSample } from './metrics-ranking.js';
import { shareOf } from './metrics-share.js';

const good = (...scores: number[]): ScoredSample[] => scores.map((score) => ({ score, isDefect: false }));
const defect = (...scores: number[]): ScoredSample[] => scores.map((score) => ({ score, isDefect: true }));

/** Twelve pictures with ties inside a kind and across kinds. */
const TIED = [...good(0.05, 0.1, 0.1, 0.2, 0.3, 0.4, 0.6), ...defect(0.3, 0.55, 0.6, 0.7, 0.9)];

/** Sixty pictures with coarse scores, hence many ties: 23 defects. */
const COARSE = Array.from({ length: 60 }, (_, i): ScoredSample => {
  const isDefect = (i * 53) % 100 < 35;
  return { score: (Math.floor(((i * 37) % 101) / 5) * 5 + (isDefect ? 40 : 0)) / 145, isDefect };
});

const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `expected ${expected}, got ${actual}`);

describe('ranking figures', () => {
  // Expected: scikit-learn 1.9.1, roc_auc_score, average_precision_score, precision_recall_curve, roc_curve.
  for (const [name, samples, expected] of [
    ['twelve pictures with ties', TIED, { auroc: 0.8857142857142857, ap: 0.835, f1: 0.8, overkill: [1 / 7, 3 / 7] }],
    [
      'sixty coarse scores',
      COARSE,
      { auroc: 0.845475910693302, ap: 0.797756742359035, f1: 0.7, overkill: [16 / 37, 21 / 37] },
    ],
  ] as const) {
    it(`equal scikit-learn's on ${name}`, () => {
      close(auroc(samples), expected.auroc);
      close(averagePrecision(samples), expected.ap);
      close(maxF1(samples), expected.f1);
      close(overkillAtRecall(samples, 0.8), expected.overkill[0]);
      close(overkillAtRecall(samples, 1), expected.overkill[1]);
    });
  }

  it('do not depend on the order of the samples', () => {
    const turned = [...COARSE].reverse();
    assert.deepEqual(
      [auroc(turned), averagePrecision(turned), maxF1(turned)],
      [auroc(COARSE), averagePrecision(COARSE), maxF1(COARSE)],
    );
  });

  it('are told of more pictures than a call takes arguments', () => {
    const goods = Array.from({ length: 200_000 }, (_, i) => i / 400_000);
    assert.equal(maxF1([...good(...goods.slice(0, 100_000)), ...good(...goods.slice(100_000)), ...defect(0.9)]), 1);
  });

  it('are perfect where the kinds are apart, and at chance where all scores are equal', () => {
    const apart = [...good(0.1, 0.2), ...defect(0.8, 0.9)];
    assert.deepEqual([auroc(apart), averagePrecision(apart), maxF1(apart), overkillAtRecall(apart, 1)], [1, 1, 1, 0]);
    const equal = [...good(0.5, 0.5, 0.5), ...defect(0.5)];
    assert.deepEqual([auroc(equal), averagePrecision(equal), overkillAtRecall(equal, 0.95)], [0.5, 0.25, 1]);
  });

  it('are worst where the scores are upside down', () => {
    assert.equal(auroc([...good(0.9), ...defect(0.1)]), 0);
  });

  it('take a recall of 0.95 of 20 defects as 19 of them', () => {
    const samples = [...good(0.05, 0.5), ...defect(0.1, ...Array.from({ length: 19 }, () => 0.9))];
    assert.equal(overkillAtRecall(samples, 0.95), 0);
    assert.equal(overkillAtRecall(samples, 0.96), 0.5);
  });

  it('refuse one kind alone and scores that are no number', () => {
    for (const samples of [[], good(0.1, 0.2), defect(0.9)]) {
      for (const figure of [auroc, averagePrecision, maxF1, (all: ScoredSample[]) => overkillAtRecall(all, 1)]) {
        assert.throws(() => figure(samples), { name: 'InputError', code: 'ONE_CLASS' });
      }
    }
    assert.throws(() => auroc([...good(Number.NaN), ...defect(1)]), { name: 'InvariantError' });
  });
});

describe('shareOf', () => {
  // Expected: scipy 1.17.1, beta.ppf(0.025, k, n - k + 1) and beta.ppf(0.975, k + 1, n - k).
  for (const [events, total, low, high] of [
    [0, 10, 0, 0.3084971078187607],
    [10, 10, 0.6915028921812392, 1],
    [1, 20, 0.0012650894979498038, 0.24873276277202777],
    [3, 97, 0.006424047453155549, 0.08773178214043566],
    [50, 963, 0.038779000661716446, 0.0678816637316844],
    [0, 334, 0, 0.010983782150470398],
  ] as const) {
    it(`gives the exact limits of ${events} in ${total}`, () => {
      const share = shareOf(events, total);
      close(share.value ?? Number.NaN, events / total);
      close(share.low, low);
      close(share.high, high);
    });
  }

  it('says nothing where nothing was counted', () => {
    assert.deepEqual(shareOf(0, 0), { value: null, low: 0, high: 1 });
  });
});

describe('evaluateScores', () => {
  it('counts INCONCLUSIVE as reject and lists it apart', () => {
    const samples = [...good(0.1, 0.45, 0.5, 0.9), ...defect(0.2, 0.4, 0.59, 0.6, 0.95)];
    const { n, positives, atThreshold } = evaluateScores(samples, { threshold: 0.5, greyZone: [0.4, 0.6] });
    assert.deepEqual([n, positives], [9, 5]);
    const { tp, fp, tn, fn, inconclusive } = atThreshold;
    assert.deepEqual({ tp, fp, tn, fn, inconclusive }, { tp: 4, fp: 3, tn: 1, fn: 1, inconclusive: 4 });
    close(atThreshold.missRate.value ?? -1, 0.2);
    close(atThreshold.overkill.value ?? -1, 0.75);
    assert.deepEqual([atThreshold.threshold, atThreshold.greyZone], [0.5, [0.4, 0.6]]);
  });

  it('rejects at the threshold itself when there is no grey zone', () => {
    const { atThreshold } = evaluateScores([...good(0.5), ...defect(0.5)], { threshold: 0.5, greyZone: [0.5, 0.5] });
    assert.deepEqual([atThreshold.tp, atThreshold.fp, atThreshold.inconclusive], [1, 1, 0]);
  });

  it('gives the shape that evaluate writes', () => {
    const evaluation = evaluateScores(TIED, { threshold: 0.5, greyZone: [0.5, 0.5] });
    assert.deepEqual(Evaluation.parse(evaluation), evaluation);
    assert.deepEqual(evaluation.overkillAtRecall, { '0.95': 3 / 7, '0.99': 3 / 7, '1': 3 / 7 });
  });

  it('refuses one kind alone', () => {
    assert.throws(() => evaluateScores(good(0.1), { threshold: 0.5, greyZone: [0.5, 0.5] }), { code: 'ONE_CLASS' });
  });
});
