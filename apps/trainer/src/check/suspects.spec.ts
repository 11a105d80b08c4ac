import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Sample } from '#model/dataset/sample';
import { fitProbe } from '../fit/probe.js';
import { agreementOf, findSuspects, nameSuspects } from './suspects.js';

const sampleOf = (path: string): Sample => ({
  ...{ path, file: path, label: 'good', split: null },
  ...{ group: null, lot: null, part: null },
});

const opinion = (path: string, label: number, defect: number) => ({
  ...{ sample: sampleOf(path), label },
  probabilities: [1 - defect, defect],
});

describe('likely mislabelled pictures', () => {
  it('are only read otherwise by those who contradict more than a tenth of the labels', () => {
    const opinions = [
      ...[0, 1, 1, 1, 1, 1, 1, 1, 1].map((label) => opinion('right', label, label)),
      opinion('other', 0, 0.6),
    ];
    assert.equal(agreementOf(opinions), 0.9);
    assert.equal(nameSuspects(0.9), 'likely mislabelled');
    assert.equal(nameSuspects(agreementOf([...opinions, opinion('more', 1, 0.4)])), 'read otherwise');
  });

  it('are those another class claims with its usual confidence, worst first', () => {
    const suspects = findSuspects([
      ...[0.05, 0.1, 0.02, 0.3].map((score, i) => opinion(`good ${i}`, 0, score)),
      ...[0.9, 0.7, 0.95, 0.85].map((score, i) => opinion(`defect ${i}`, 1, score)),
      opinion('hard', 0, 0.6),
      opinion('doubtful', 0, 0.86),
      opinion('wrong', 0, 0.97),
      opinion('missed', 1, 0.1),
    ]);
    assert.deepEqual(
      suspects.map(({ sample, likely }) => [sample.path, likely]),
      [
        ['wrong', 1],
        ['missed', 0],
        ['doubtful', 1],
      ],
    );
  });

  it('are none that are likelier what they are labelled as, however timid the other class is', () => {
    const timid = [0.4, 0.45, 0.5].map((score, i) => opinion(`defect ${i}`, 1, score));
    assert.deepEqual(
      findSuspects([...timid, opinion('sound', 0, 0.48)])
        .map(({ sample }) => sample.path)
        .filter((path) => path === 'sound'),
      [],
    );
  });

  it('are found by a probe that did not learn from them', () => {
    const [width, count] = [8, 120];
    const values = Float32Array.from({ length: count * width }, (_, at) => {
      const [row, column] = [Math.floor(at / width), at % width];
      return (column === 0 ? (row % 2) * 4 : 0) + Math.sin(row * 7.3 + column * 3.1);
    });
    const labels = Array.from({ length: count }, (_, row) => (row === 100 ? 1 : row % 2));
    const rows = Array.from({ length: 90 }, (_, row) => row);
    const predict = fitProbe({ values, width, rows, labels, classes: 2, seed: 1 });
    for (let row = 90; row < count; row += 1) assert.ok((predict(row)[row % 2] ?? 0) > 0.7, `row ${row}`);
    assert.deepEqual(fitProbe({ values, width, rows, labels, classes: 2, seed: 1 })(100), predict(100));
  });
});
