import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeEvaluation } from '../../../test/factories/artefact.js';
import { formatThreshold } from './format-threshold.js';

describe('formatThreshold', () => {
  const metrics = { validation: makeEvaluation(), test: null };
  const before = { id: 'm1', operatingPoint: { threshold: 0.5, greyZone: [0.4, 0.6] as [number, number] }, metrics };

  it('lays the wish beside what the card says, and a side that is not there beside nothing', () => {
    const strict = makeEvaluation({ atThreshold: { ...makeEvaluation().atThreshold, fp: 3, tn: 7 } });
    const choice = {
      operatingPoint: { threshold: 0.25, greyZone: [0.25, 0.25] as [number, number] },
      metrics: { validation: strict, test: null },
    };
    assert.equal(
      formatThreshold(before, { choice, card: null }),
      `m1                   now               as wished
threshold            0.5000            0.2500
grey zone            0.4000 to 0.6000  0.2500 to 0.2500
validation missed    0 of 10           0 of 10
validation overkill  0 of 10           3 of 10
test missed          -                 -
test overkill        -                 -
Nothing was written: --out DIR makes the model that has this operating point.
`,
    );
  });

  it('counts what the guard does not know on the side that has some', () => {
    const test = makeEvaluation({ atThreshold: { ...makeEvaluation().atThreshold, unfamiliar: 7 } });
    const choice = { ...before, metrics: { ...metrics, test } };
    const text = formatThreshold({ ...before, metrics: { ...metrics, test } }, { choice, card: null });
    assert.match(text, /^test unfamiliar +7 +7$/m);
    assert.doesNotMatch(text, /validation unfamiliar/);
  });
});
