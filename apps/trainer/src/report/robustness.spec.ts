import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { PictureBatch } from '#model/runtime/session';
import { makeArtefact, redPicture, tinyScore } from '../../../../test/factories/artefact.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { measureRobustness } from './robustness.js';

/** Of each picture in a batch. */
function meanReds({ data, count }: PictureBatch): number[] {
  const length = data.length / count;
  return Array.from({ length: count }, (_, row) => {
    let sum = 0;
    for (let i = row * length; i < (row + 1) * length; i += 3) sum += data[i] ?? 0;
    return sum / (length / 3);
  });
}

describe('robustness', () => {
  it('judges every picture under every disturbance, a few pictures at a time', async () => {
    const dir = tempDir();
    const { card } = await makeArtefact();
    const files = Array.from({ length: 40 }, (_, i) => join(dir, `${i}.png`));
    for (const file of files) writeFileSync(file, await redPicture(10));
    const changed = await redPicture(250);
    let runs = 0;
    const session = {
      ...{ runtime: 'spec', outputs: [], close: async () => undefined },
      run: async (batch: PictureBatch) => {
        // Those that are not read by now are rejected.
        if (runs === 0) for (const file of files) writeFileSync(file, changed);
        runs += 1;
        const scores = meanReds(batch).flatMap((red) => [1 - tinyScore(red), tinyScore(red)]);
        return { [card.graph.outputs.probabilities]: { data: Float32Array.from(scores), dims: [batch.count, 2] } };
      },
    };
    const scored = files.map((file) => {
      const sample = { path: file, file, label: 'good', split: null, group: null, lot: null, part: null };
      return { sample, score: 0, isDefect: false };
    });
    const { goods, conditions } = await measureRobustness({ card, session, scored, pictures: 40 });
    assert.equal(goods, 40);
    const [plain, ...disturbed] = conditions;
    assert.ok((plain?.overkill ?? 0) >= 24, `${plain?.overkill} of 40 were read after the first were judged`);
    const blurred = disturbed.filter(({ kind }) => kind === 'blur' || kind === 'jpeg');
    for (const { kind, overkill } of blurred) assert.equal(overkill, plain?.overkill, kind);
    assert.equal(runs, 5 * conditions.length);
  });
});
