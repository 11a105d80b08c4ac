import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fp32Entry, makeArtefact, redPicture, TINY_SIDE, tinyScore } from '../../../test/factories/artefact.js';
import { tempDir } from '../../../test/factories/tools.js';
import { openArtefact } from './artefact.js';
import { preparePicture } from './preprocess/preprocess.js';
import { OnnxSession } from './runtime/onnx-session.js';

describe('a model on disk', () => {
  it('opens with its card, the hash of the card and the path of its graph', async () => {
    const { dir, card } = await makeArtefact();
    const artefact = await openArtefact(dir);
    assert.deepEqual(artefact.card, card);
    assert.equal(
      artefact.cardSha256,
      createHash('sha256')
        .update(readFileSync(join(dir, 'card.json')))
        .digest('hex'),
    );
    const session = await OnnxSession.open(artefact.graphFiles.fp32, { outputs: ['probabilities'] });
    const { data } = await preparePicture(await redPicture(140), { preprocess: card.preprocess, maxPixels: 1e6 });
    const { probabilities } = await session.run({ data, count: 1, height: TINY_SIDE, width: TINY_SIDE });
    assert.ok(Math.abs((probabilities?.data[1] ?? 0) - tinyScore(140)) < 1e-5);
    await session.close();
  });

  it('is refused where there is none: MODEL_MISSING', async () => {
    await assert.rejects(openArtefact(tempDir()), { name: 'InputError', code: 'MODEL_MISSING' });
  });

  it('is refused when a file was changed, is gone, cannot be read, or is not listed: MODEL_HASH', async () => {
    const changed = await makeArtefact();
    writeFileSync(join(changed.dir, 'golden/good.png'), 'other');
    rmSync(join(changed.dir, 'model.onnx'));
    rmSync(join(changed.dir, 'golden/defect.png'));
    mkdirSync(join(changed.dir, 'golden/defect.png'));
    const told =
      /model\.onnx is missing, golden\/good\.png was changed, golden\/defect\.png cannot be read \(EISDIR: [^)]*\)\. Let this user/;
    await assert.rejects(openArtefact(changed.dir), { code: 'MODEL_HASH', message: told });
    const unlisted = await makeArtefact({ card: { files: {} } });
    await assert.rejects(openArtefact(unlisted.dir), { code: 'MODEL_HASH', message: /model\.onnx/ });
  });

  it('is refused when its card is not the one somebody vouched for: MODEL_HASH', async () => {
    const { dir } = await makeArtefact();
    const { card, cardSha256 } = await openArtefact(dir);
    assert.equal((await openArtefact(dir, { cardSha256 })).cardSha256, cardSha256);
    const operatingPoint = { threshold: 0.99, greyZone: [0.99, 0.99] };
    writeFileSync(join(dir, 'card.json'), JSON.stringify({ ...card, operatingPoint }));
    await assert.rejects(openArtefact(dir, { cardSha256 }), {
      code: 'MODEL_HASH',
      message: /not the one that was promoted/,
    });
  });

  it('is refused when its card is no card of ours: CARD_INVALID', async () => {
    const { dir } = await makeArtefact();
    const card = JSON.parse(readFileSync(join(dir, 'card.json'), 'utf8'));
    for (const [text, message] of [
      ['{', /JSON/],
      ['{"schema":"other/1"}', /`schema`: expected lineside\.card\/2, got "other\/1"/],
      [JSON.stringify({ ...card, labels: undefined }), /read: `labels` is missing\. Expected schema lineside\.card\/2/],
    ] as const) {
      writeFileSync(join(dir, 'card.json'), text);
      await assert.rejects(openArtefact(dir), { code: 'CARD_INVALID', message });
    }
  });

  it('is refused when an older version exported it, and says what to do: CARD_INVALID', async () => {
    const { dir, card } = await makeArtefact();
    writeFileSync(join(dir, 'card.json'), JSON.stringify({ ...card, schema: 'lineside.card/1' }));
    const message = /exported by an older version \(lineside\.card\/1\)\. Train the model again\.$/;
    await assert.rejects(openArtefact(dir), { code: 'CARD_INVALID', message });
  });

  const int8 = { ...fp32Entry(), precision: 'int8', file: 'model.int8.onnx' } as const;
  for (const [name, precisions, message] of [
    ['fp32 is not first', [int8, fp32Entry()], /first precision is not fp32/],
    ['a precision stands twice', [fp32Entry(), fp32Entry()], /listed twice: fp32, fp32/],
    [
      'a precision has no certified scores',
      [fp32Entry(), int8],
      /golden\/good\.png, golden\/defect\.png has no certified int8/,
    ],
    ['an accepted precision has no file', [fp32Entry(), { ...int8, file: null }], /file/],
    ['a refused precision has a file', [fp32Entry(), { ...int8, accepted: false, reason: 'worse' }], /file/],
  ] as const) {
    it(`is refused when ${name}: CARD_INVALID`, async () => {
      const { dir } = await makeArtefact({ card: { precisions: structuredClone(precisions) as never } });
      await assert.rejects(openArtefact(dir), { code: 'CARD_INVALID', message });
    });
  }

  it('lists a refused precision and offers the accepted ones', async () => {
    const refused = { precision: 'fp16', accepted: false, file: null, reason: 'a weight of 7e4' } as const;
    const { dir } = await makeArtefact({ card: { precisions: [fp32Entry(), refused] } });
    const { card, graphFiles } = await openArtefact(dir);
    assert.deepEqual(card.precisions[1], refused);
    assert.deepEqual(graphFiles, { fp32: join(dir, 'model.onnx') });
  });
});
