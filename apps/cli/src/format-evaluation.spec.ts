import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeEvaluation } from '../../../test/factories/artefact.js';
import { formatEvaluation, formatScores } from './format-evaluation.js';

describe('figures on paper', () => {
  it('writes scores that read back as the same number, quoting where a path needs it', () => {
    const score = 0.1 + 0.2;
    const csv = formatScores([{ sample: { path: 'good/a, b.png', label: 'good' }, score }]);
    assert.equal(csv, `path,label,score\n"good/a, b.png",good,${score}\n`);
    assert.equal(Number(csv.trim().split(',').at(-1)), score);
  });

  it('names every share with its limits and its denominator', () => {
    const computed = { runtime: 'onnxruntime-node 1 cpu', precision: 'int8' } as const;
    const text = formatEvaluation({ modelId: 'm1', subset: 'test', evaluation: makeEvaluation(), ...computed });
    assert.match(text, /m1 on test +20 pictures +10 defects, 10 good/);
    assert.match(text, /miss rate +0\.00 % \(0\.00 % to 31\.00 %\) +0 of 10 defects passed/);
    assert.match(
      text,
      /threshold 0\.5000, grey zone 0\.4000 to 0\.6000\ncomputed in int8 by onnxruntime-node 1 cpu\n$/,
    );
  });
});
