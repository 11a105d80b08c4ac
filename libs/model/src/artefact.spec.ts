import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeArtefact, redPicture, TINY_SIDE, tinyScore } from '../../../test/factories/artefact.js';
import { tempDir } from '../../../test/factories/tools.js';
import { openArtefact } from './artefact.js';
import { OnnxSession } from './onnx/session.js';
import { preparePicture } from './preprocess/preprocess.js';

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
    const session = await OnnxSession.open(artefact.graphFile, { outputs: ['probabilities'] });
    const { data } = await preparePicture(await redPicture(140), { preprocess: card.preprocess, maxPixels: 1e6 });
    const { probabilities } = await session.run({ data, count: 1, height: TINY_SIDE, width: TINY_SIDE });
    assert.ok(Math.abs((probabilities?.data[1] ?? 0) - tinyScore(140)) < 1e-5);
    await session.close();
  });

  it('is refused where there is none: MODEL_MISSING', async () => {
    await assert.rejects(openArtefact(tempDir()), { name: 'InputError', code: 'MODEL_MISSING' });
  });

  it('is refused when a file was changed, is gone, or is not listed: MODEL_HASH', async () => {
    const changed = await makeArtefact();
    writeFileSync(join(changed.dir, 'golden/good.png'), 'other');
    rmSync(join(changed.dir, 'model.onnx'));
    const told = /model\.onnx, golden\/good\.png missing or changed/;
    await assert.rejects(openArtefact(changed.dir), { code: 'MODEL_HASH', message: told });
    const unlisted = await makeArtefact({ card: { files: {} } });
    await assert.rejects(openArtefact(unlisted.dir), { code: 'MODEL_HASH', message: /model\.onnx/ });
  });

  it('is refused when its card is no card of ours: CARD_INVALID', async () => {
    const { dir } = await makeArtefact();
    for (const text of ['{', '{"schema":"other/1"}']) {
      writeFileSync(join(dir, 'card.json'), text);
      await assert.rejects(openArtefact(dir), { code: 'CARD_INVALID' });
    }
  });
});
