import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Figures } from '#contracts';
import type { Sample } from './dataset/sample.js';
import { describeScores } from './metrics-figures.js';
import { aurocInterval, canTellApart } from './metrics-interval.js';
import { reliabilityOf } from './metrics-reliability.js';
import type { Judged } from './metrics-slices.js';

const close = (actual: number, expected: number, within = 1e-9) =>
  assert.ok(Math.abs(actual - expected) < within, `expected ${expected}, got ${actual}`);

/** Sixty pictures with coarse scores, hence many ties: 23 defects. */
const COARSE = Array.from({ length: 60 }, (_, i) => {
  const isDefect = (i * 53) % 100 < 35;
  return { score: (Math.floor(((i * 37) % 101) / 5) * 5 + (isDefect ? 40 : 0)) / 145, isDefect };
});

describe('aurocInterval', () => {
  // Expected: NumPy 2.4 and SciPy 1.17, every pair of a defect and a good picture compared one by one.
  it("gives DeLong's limits on the logit scale for single pictures", () => {
    const { low, high, method } = aurocInterval(COARSE.map((one, i) => ({ ...one, group: String(i) })));
    close(low, 0.7230174195266325);
    close(high, 0.9197991082700555);
    assert.equal(method, 'DeLong');
  });

  it("gives Obuchowski's limits for groups of four", () => {
    const { low, high, method } = aurocInterval(COARSE.map((one, i) => ({ ...one, group: String(Math.floor(i / 4)) })));
    close(low, 0.7373463611506823);
    close(high, 0.9142664491841744);
    assert.equal(method, 'Obuchowski');
  });

  it('is wider where the same pictures are fewer parts', () => {
    const width = (size: number) => {
      // Twins: each picture stands in its group as often as `size` says.
      const { low, high } = aurocInterval(
        COARSE.flatMap((one, i) => Array.from({ length: size }, () => ({ ...one, group: String(i) }))),
      );
      return high - low;
    };
    close(width(5), width(1), 0.005);
  });

  it('says how far a flawless ranking could be from perfect, by the number of parts', () => {
    const perfect = (copies: number) =>
      aurocInterval([
        ...Array.from({ length: 10 * copies }, (_, i) => ({ score: 0.9, isDefect: true, group: `d${i % 10}` })),
        ...Array.from({ length: 12 * copies }, (_, i) => ({ score: 0.1, isDefect: false, group: `g${i % 12}` })),
      ]);
    close(perfect(1).low, 0.8159170106835655, 1e-6);
    assert.deepEqual(perfect(8), perfect(1));
    assert.deepEqual([perfect(1).high, perfect(1).method], [1, 'Newcombe']);
  });
});

describe('aurocInterval of few groups', () => {
  it('is as wide as one picture of each group would make it', () => {
    // Twelve pictures of four parts, a defect in two of them: Newcombe's limits at two against two.
    const few = Array.from({ length: 12 }, (_, i) => ({ score: [0.6, 0.7, 0.2, 0.65][i % 4] ?? 0, group: `${i % 4}` }));
    const { low, high, method } = aurocInterval(few.map((one, i) => ({ ...one, isDefect: i % 4 < 2 })));
    assert.equal(method, 'Newcombe');
    assert.ok(high - low > 0.6, `${low} to ${high}`);
  });
});

describe('canTellApart', () => {
  /** Half of the parts are defective; those with a number below `spoilt` score low. */
  const scores = (parts: number, spoilt: number) =>
    Array.from({ length: 40 }, (_, i) => ({
      isDefect: i % 2 === 0,
      group: `${i % parts}`,
      score: i % 2 === 0 && i % parts < spoilt ? 0.1 : i % 2 === 0 ? 0.9 : 0.2 + i / 100,
    }));

  it('asks more of few parts, as their spread is known less well', () => {
    // Six of twenty defect parts gain, or three of four: 2.9 and 3 standard errors.
    assert.equal(canTellApart(scores(40, 12), scores(40, 0)), true);
    assert.equal(canTellApart(scores(8, 6), scores(8, 0)), false);
    assert.equal(canTellApart(scores(2, 1), scores(2, 0)), false, 'one part of each kind');
  });
});

describe('reliabilityOf', () => {
  it('is without error where scores are shares of defects, and as far off as they are', () => {
    const tenth = (score: number, defects: number) =>
      Array.from({ length: 10 }, (_, i) => ({ score, isDefect: i < defects }));
    close(reliabilityOf([...tenth(0.2, 2), ...tenth(0.7, 7)]).expectedCalibrationError, 0);
    const { bins, expectedCalibrationError } = reliabilityOf([...tenth(0.2, 5), ...tenth(0.95, 9)]);
    close(expectedCalibrationError, (0.3 + 0.05) / 2);
    assert.deepEqual(
      bins.map(({ from, n }) => [from, n]),
      [
        [0.2, 10],
        [0.9, 10],
      ],
    );
  });

  it('puts a score of one into the last bin', () => {
    assert.equal(reliabilityOf([{ score: 1, isDefect: true }]).bins[0]?.to, 1);
  });
});

describe('describeScores', () => {
  const point = { threshold: 0.5, greyZone: [0.4, 0.6] } as const;
  const sample = (own: Partial<Sample>): Sample => ({
    path: 'a',
    file: '/a',
    label: 'good',
    split: 'test',
    group: null,
    lot: null,
    part: null,
    ...own,
  });
  const judged: Judged[] = [
    { score: 0.9, isDefect: true, sample: sample({ label: 'pit', kind: 'deep', lot: 'L1', camera: 'c1', group: 'a' }) },
    { score: 0.1, isDefect: true, sample: sample({ label: 'pit', kind: 'flat', lot: 'L1', camera: 'c2', group: 'a' }) },
    { score: 0.5, isDefect: false, sample: sample({ kind: 'clean', lot: 'L2', camera: 'c1', group: 'b' }) },
    { score: 0.05, isDefect: false, sample: sample({ kind: 'clean', lot: 'L2', camera: 'c2', group: 'c' }) },
  ];

  it('breaks misses and overkills down by class, group, lot and camera', () => {
    const { slices, groups } = describeScores(judged, { ...point, greyZone: [...point.greyZone] });
    const found = slices.map(({ by, name, missed, defects, overkill, goods }) => [
      `${by} ${name}`,
      `${missed}/${defects}`,
      `${overkill}/${goods}`,
    ]);
    assert.deepEqual(found, [
      ['class clean', '0/0', '1/2'],
      ['class deep', '0/1', '0/0'],
      ['class flat', '1/1', '0/0'],
      ['group a', '1/2', '0/0'],
      ['group b', '0/0', '1/1'],
      ['group c', '0/0', '0/1'],
      ['lot L1', '1/2', '0/0'],
      ['lot L2', '0/0', '1/2'],
      ['camera c1', '0/1', '1/1'],
      ['camera c2', '1/1', '0/1'],
    ]);
    assert.equal(groups, 3);
    assert.equal(
      slices.find(({ name }) => name === 'flat')?.auroc,
      0.5,
      'a class of defects against all good pictures',
    );
  });

  it('counts verdicts by label and keeps its shape', () => {
    const figures = describeScores(judged, { ...point, greyZone: [...point.greyZone] });
    assert.deepEqual(figures.confusion, [
      { label: 'pit', PASS: 1, INCONCLUSIVE: 0, FAIL: 1, named: {} },
      { label: 'good', PASS: 1, INCONCLUSIVE: 1, FAIL: 0, named: {} },
    ]);
    assert.equal(figures.f1AtThreshold, 0.5);
    assert.deepEqual(Figures.parse(figures), figures);
  });

  it('counts which defect is named, of what does not pass', () => {
    const named = ['crack', 'crack', 'pit', 'pit'].map((defectClass, i) => ({ ...(judged[i] as Judged), defectClass }));
    const { confusion } = describeScores(named, { ...point, greyZone: [...point.greyZone] });
    assert.deepEqual(
      confusion.map((row) => [row.label, row.named]),
      [
        ['pit', { crack: 1 }],
        ['good', { pit: 1 }],
      ],
    );
  });

  it('draws each score in its own bar, and what every threshold would miss and reject', () => {
    const { histogram, curve } = describeScores(judged, { ...point, greyZone: [...point.greyZone] });
    const bars = (side: readonly number[]) => side.flatMap((count, bar) => (count > 0 ? [[bar, count]] : []));
    assert.equal(histogram.good.length, 40);
    assert.deepEqual(
      [bars(histogram.good), bars(histogram.defect)],
      [
        [
          [2, 1],
          [20, 1],
        ],
        [
          [4, 1],
          [36, 1],
        ],
      ],
    );
    const edges = [0.024, 0.999, 1].map((score) => ({ score, isDefect: true, sample: sample({ label: 'pit' }) }));
    assert.deepEqual(bars(describeScores(edges, { ...point, greyZone: [...point.greyZone] }).histogram.defect), [
      [0, 1],
      [39, 2],
    ]);
    assert.deepEqual(curve, [
      { score: 0.9, recall: 0.5, overkill: 0, precision: 1 },
      { score: 0.5, recall: 0.5, overkill: 0.5, precision: 0.5 },
      { score: 0.1, recall: 1, overkill: 0.5, precision: 2 / 3 },
      { score: 0.05, recall: 1, overkill: 1, precision: 0.5 },
    ]);
  });

  it('takes what the guard does not know as rejected, in every count', () => {
    const unknown = judged.map((one) => ({ ...one, isUnfamiliar: true }));
    const { confusion, slices, atThreshold } = describeScores(unknown, { threshold: 0.5, greyZone: [0.5, 0.5] });
    assert.deepEqual([atThreshold.fn, atThreshold.fp, atThreshold.unfamiliar], [0, 2, 4]);
    assert.deepEqual(
      confusion.map(({ label, INCONCLUSIVE }) => [label, INCONCLUSIVE]),
      [
        ['pit', 2],
        ['good', 2],
      ],
    );
    const lots = slices.filter(({ by }) => by === 'lot').map(({ missed, overkill }) => [missed, overkill]);
    assert.deepEqual(lots, [
      [0, 0],
      [0, 2],
    ]);
  });

  it('leaves groups out where every picture is one', () => {
    const single = judged.map((one, i) => ({ ...one, sample: { ...one.sample, group: `p${i}` } }));
    const { slices } = describeScores(single, { ...point, greyZone: [...point.greyZone] });
    assert.equal(slices.filter(({ by }) => by === 'group').length, 0);
  });
});
