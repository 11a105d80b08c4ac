import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fp32Entry, makeArtefact, redPicture, tinyGraph, tinyScore } from '../../../../test/factories/artefact.js';
import type { ModelCard } from '../card.js';
import { defectScore } from '../decide.js';
import { preparePicture } from '../preprocess/preprocess.js';
import { openProven } from './golden-check.js';
import { scoreBatch } from './score-batch.js';

const maxPixels = 1_000_000;

/** An artefact whose card certifies other scores than its graph gives. */
function certifiedAs(good: number, own: Partial<ModelCard> = {}) {
  const golden = [
    { file: 'golden/good.png', scores: { fp32: good } },
    { file: 'golden/defect.png', scores: { fp32: tinyScore(200) } },
  ];
  return makeArtefact({ card: { golden, ...own } });
}

describe('openProven', () => {
  it('opens a model that repeats its certified scores', async () => {
    const { dir, card } = await makeArtefact();
    const { artefact, session } = await openProven(dir, { maxPixels });
    assert.deepEqual(artefact.card, card);
    assert.deepEqual(session.outputs, [card.graph.outputs.probabilities]);
    await session.close();
  });

  for (const certification of [{ pictures: 0 }, { flips: 1 }, { maxDifference: 0.001 }]) {
    it(`refuses a model certified with ${JSON.stringify(certification)}: CERTIFICATION_FAILED`, async () => {
      const { dir } = await makeArtefact({ card: { precisions: [fp32Entry(certification)] } });
      await assert.rejects(openProven(dir, { maxPixels }), { name: 'RefusedError', code: 'CERTIFICATION_FAILED' });
    });
  }

  it('accepts a difference within 0.01 where the verdict stays', async () => {
    const { dir } = await certifiedAs(tinyScore(60) + 0.0099);
    await (await openProven(dir, { maxPixels })).session.close();
  });

  it('refuses a score further off, naming picture and runtime: GOLDEN_CHECK', async () => {
    const { dir } = await certifiedAs(tinyScore(60) + 0.011);
    await assert.rejects(openProven(dir, { maxPixels }), {
      name: 'InputError',
      code: 'GOLDEN_CHECK',
      message: /on onnxruntime-node [\d.]+ cpu .*golden\/good\.png: score 0\.0002\d+, certified was 0\.0112/,
    });
  });

  it('refuses a flipped verdict however near the score is: GOLDEN_CHECK', async () => {
    const edge = tinyScore(60) + 0.001;
    const operatingPoint = { threshold: edge, greyZone: [edge, edge] as [number, number] };
    const { dir } = await certifiedAs(edge + 0.001, { operatingPoint });
    await assert.rejects(openProven(dir, { maxPixels }), {
      code: 'GOLDEN_CHECK',
      message: /golden\/good\.png: score .* is PASS, certified was .*, FAIL/,
    });
  });

  describe('with a guard', () => {
    const heldOut = { pictures: 200, groups: 40, beyond: 1 };
    const guard = { output: 'distance', limit: 220, falseAlarm: 0.005, heldOut };
    const certifiedAt = (distance: number) =>
      makeArtefact({
        graphs: { fp32: tinyGraph(['good', 'defect'], { guard: true }) },
        card: {
          guard,
          golden: [{ file: 'golden/good.png', scores: { fp32: tinyScore(60) }, distances: { fp32: distance } }],
        },
      });

    it('opens a model that repeats its certified distance', async () => {
      const { dir } = await certifiedAt(60 + 0.04 * guard.limit);
      const { session } = await openProven(dir, { maxPixels });
      assert.deepEqual(session.outputs, ['probabilities', 'distance']);
      await session.close();
    });

    it('refuses a distance further off than a twentieth of the limit: GOLDEN_CHECK', async () => {
      const { dir } = await certifiedAt(60 + 0.06 * guard.limit);
      const message = /golden\/good\.png: distance 60, certified was 73\.2, familiar up to 220/;
      await assert.rejects(openProven(dir, { maxPixels }), { code: 'GOLDEN_CHECK', message });
    });

    it('is no card without a certified distance', async () => {
      const golden = [{ file: 'golden/good.png', scores: { fp32: tinyScore(60) } }];
      const { dir } = await makeArtefact({ card: { guard, golden } });
      await assert.rejects(openProven(dir, { maxPixels }), {
        code: 'CARD_INVALID',
        message: /no certified fp32 distance/,
      });
    });
  });

  it('holds each precision to its own certified scores, and says which one failed', async () => {
    const { dir, card } = await makeArtefact({ graphs: { int8: tinyGraph(['good', 'defect']) } });
    await (await openProven(dir, { maxPixels, precision: 'int8' })).session.close();
    const golden = card.golden.map(({ file, scores }) => ({ file, scores: { ...scores, int8: 0.3 } }));
    writeFileSync(join(dir, 'card.json'), JSON.stringify({ ...card, golden }));
    await (await openProven(dir, { maxPixels, precision: 'fp32' })).session.close();
    await assert.rejects(openProven(dir, { maxPixels, precision: 'int8' }), {
      code: 'GOLDEN_CHECK',
      message: /Model tiny-1 \(int8\) does not repeat/,
    });
  });

  it('refuses a precision that the model has no graph in: PRECISION_MISSING', async () => {
    const { dir } = await makeArtefact();
    await assert.rejects(openProven(dir, { maxPixels, precision: 'fp16' }), {
      name: 'InputError',
      code: 'PRECISION_MISSING',
      message:
        /has no fp16 graph, it was exported without\. Ask for one that it has \(fp32\), or train it with fp16\.$/,
    });
  });

  it('refuses the runtime tensorflow for a model without tfjs files: MODEL_MISSING', async () => {
    const { dir } = await makeArtefact();
    await assert.rejects(openProven(dir, { maxPixels, runtime: 'tensorflow' }), {
      code: 'MODEL_MISSING',
      message: /has no tfjs\/model\.json, which the runtime tensorflow reads/,
    });
  });

  it('names a golden picture that this machine cannot read: GOLDEN_CHECK', async () => {
    const { dir, card } = await makeArtefact();
    const broken = readFileSync(join(dir, 'golden/good.png')).subarray(0, 60);
    writeFileSync(join(dir, 'golden/good.png'), broken);
    const files = { ...card.files, 'golden/good.png': createHash('sha256').update(broken).digest('hex') };
    writeFileSync(join(dir, 'card.json'), JSON.stringify({ ...card, files }));
    await assert.rejects(openProven(dir, { maxPixels }), {
      code: 'GOLDEN_CHECK',
      message: /golden\/good\.png: Picture of 60 bytes cannot be decoded/,
    });
  });

  it('refuses a graph that is not the card hash, before it is loaded: MODEL_HASH', async () => {
    const { dir } = await makeArtefact();
    writeFileSync(join(dir, 'model.onnx'), 'other');
    await assert.rejects(openProven(dir, { maxPixels }), { code: 'MODEL_HASH', message: /model\.onnx/ });
  });
});

describe('scoreBatch', () => {
  it('gives each picture the scores of its own worst tile', async () => {
    const { dir, card } = await makeArtefact();
    const { session } = await openProven(dir, { maxPixels });
    const tiled = { ...card.preprocess, tiles: { columns: 2, rows: 1 } };
    const [good, defect] = [await redPicture(60), await redPicture(200)];
    const pictures = [
      await preparePicture(good, { preprocess: card.preprocess, maxPixels }),
      await preparePicture(defect, { preprocess: tiled, maxPixels }),
      await preparePicture(good, { preprocess: tiled, maxPixels }),
    ];
    const scores = (await scoreBatch(session, card, pictures)).map(defectScore);
    for (const [i, red] of [60, 200, 60].entries()) {
      assert.ok(Math.abs((scores[i] ?? Number.NaN) - tinyScore(red)) < 1e-5);
    }
    assert.deepEqual(await scoreBatch(session, card, []), []);
    await session.close();
  });

  it('treats labels that the graph does not have as our own bug', async () => {
    const { dir, card } = await makeArtefact();
    const { session } = await openProven(dir, { maxPixels });
    const picture = await preparePicture(await redPicture(60), { preprocess: card.preprocess, maxPixels });
    const labels = [...card.labels, 'crack'];
    await assert.rejects(scoreBatch(session, { ...card, labels }, [picture]), { name: 'InvariantError' });
    await session.close();
  });
});
