import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type BatchRules, makeBatches } from './batches.js';

const RULES: BatchRules = {
  batch: 8,
  labels: 2,
  labelSmoothing: 0,
  classWeights: 'none',
  sampling: 'natural',
  mixing: { kind: 'none', alpha: 0.2, probability: 1 },
  map: null,
  dropout: 0,
  penultimate: 1,
  workers: 2,
};

/** Records are numbered from 1000 times the label. */
const viewsOf = (...counts: number[]) =>
  counts.flatMap((count, label) => Array.from({ length: count }, (_, i) => ({ record: 1000 * label + i, label })));

const batchesOf = (counts: number[], own: Partial<BatchRules> = {}) => [
  ...makeBatches(viewsOf(...counts), { ...RULES, ...own }, xoroshiro128plus(4)),
];
const recordsOf = (batch: { records: readonly number[] }[]) => batch.flatMap(({ records }) => records);
const labelOf = (record: number) => Math.floor(record / 1000);
const near = (a: number | undefined, b: number) => assert.ok(Math.abs((a ?? Number.NaN) - b) < 1e-6, `${a}, not ${b}`);

describe('makeBatches', () => {
  it('shows every view once, a share per worker', () => {
    const batches = batchesOf([14, 6]);
    assert.deepEqual(
      batches.map((shares) => shares.map(({ records }) => records.length)),
      [
        [4, 4],
        [4, 4],
        [2, 2],
      ],
    );
    assert.equal(new Set(batches.flatMap(recordsOf)).size, 20);
  });

  it('weighs classes so that good counts as much as all defects', () => {
    const [batch] = batchesOf([12, 3, 1], { labels: 3, classWeights: 'balanced', batch: 16 });
    const sums = [0, 0, 0];
    for (const { records, weights } of batch ?? [])
      for (const [i, record] of records.entries())
        sums[labelOf(record)] = (sums[labelOf(record)] ?? 0) + (weights[i] ?? 0);
    near(sums[0], 0.5);
    near(sums[1], 0.25);
    near(sums[2], 0.25);
  });

  it('fills balanced batches half with good, every view of a label before any comes twice', () => {
    const batches = batchesOf([26, 4, 2], { labels: 3, sampling: 'balanced' });
    assert.equal(batches.length, 4);
    for (const batch of batches) {
      const labels = recordsOf(batch).map(labelOf);
      assert.deepEqual(
        [0, 1, 2].map((label) => labels.filter((one) => one === label).length),
        [4, 2, 2],
      );
      for (const { weights } of batch) assert.ok(weights.every((weight) => weight === weights[0]));
    }
    const ofOne = batches.flatMap(recordsOf).filter((record) => labelOf(record) === 1);
    assert.equal(new Set(ofOne.slice(0, 4)).size, 4);
  });

  it('smooths targets', () => {
    const [batch] = batchesOf([1, 0], { labelSmoothing: 0.1 });
    near(batch?.[0]?.targets[0], 0.95);
    near(batch?.[0]?.targets[1], 0.05);
  });

  it('mixes targets by how much of each picture is seen and how much it weighs', () => {
    const mixing = { kind: 'mixup', alpha: 1, probability: 1 } as const;
    const [[share] = []] = batchesOf([6, 2], { mixing, workers: 1, classWeights: 'balanced' });
    assert.ok(share?.mix);
    // Class weights 8 / 12 and 8 / 4, before they are scaled to a sum of 1.
    const importance = [2 / 3, 2];
    const labels = share.records.map(labelOf);
    const raw = labels.map((label, i) => {
      const own = share.mix?.own[i] ?? 1;
      const other = labels[share.mix?.partners[i] ?? i] ?? 0;
      const defect = own * (label === 1 ? 2 : 0) + (1 - own) * (other === 1 ? 2 : 0);
      return { defect, weight: own * (importance[label] ?? 0) + (1 - own) * (importance[other] ?? 0) };
    });
    const total = raw.reduce((sum, { weight }) => sum + weight, 0);
    for (const [i, { defect, weight }] of raw.entries()) {
      near(share.weights[i], weight / total);
      near(share.targets[2 * i + 1], defect / weight);
    }
  });

  it('mixes the same pictures however many workers share the batch, down to one picture each', () => {
    const mixing = { kind: 'mixup', alpha: 1, probability: 1 } as const;
    const pairsWith = (workers: number) =>
      batchesOf([14, 6], { mixing, workers }).map((shares) =>
        shares.flatMap(({ records, weights, mix }) =>
          [...weights].map((_, i) => [records[i], records[mix?.partners[i] ?? i], mix?.own[i]]),
        ),
      );
    const alone = pairsWith(1);
    assert.ok(alone.flat().every(([record, partner]) => record !== partner));
    for (const workers of [2, 3, 8]) assert.deepEqual(pairsWith(workers), alone);
  });

  it('draws dropout that keeps the mean', () => {
    const [batch] = batchesOf([4, 4], { dropout: 0.25, penultimate: 2000 });
    const mask = [...(batch?.[0]?.mask ?? [])];
    assert.deepEqual([...new Set(mask)].map((value) => value.toFixed(4)).sort(), ['0.0000', '1.3333']);
    assert.ok(Math.abs(mask.reduce((sum, value) => sum + value, 0) / mask.length - 1) < 0.05);
  });

  it('repeats with the same generator', () => {
    const own = { sampling: 'balanced', mixing: { kind: 'cutmix', alpha: 1, probability: 0.5 }, dropout: 0.5 } as const;
    assert.deepEqual(batchesOf([14, 6], own), batchesOf([14, 6], own));
  });
});
