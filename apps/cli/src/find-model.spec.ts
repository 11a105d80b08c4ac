import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Registry } from '#registry';
import { makeArtefact } from '../../../test/factories/artefact.js';
import { tempDir } from '../../../test/factories/tools.js';
import { findModel } from './find-model.js';

describe('a model by its directory or its id', () => {
  const [home, dir] = [process.cwd(), tempDir()];
  const registry = join(dir, 'registry');
  let id = '';

  before(async () => {
    const artefact = await makeArtefact();
    id = artefact.card.id;
    await (await Registry.open(registry, { create: true })).put(artefact.dir);
    process.chdir(dir);
    mkdirSync('unfinished');
  });
  after(() => process.chdir(home));

  it('says of a folder without a card that no model is in it, also where there is no registry: MODEL_MISSING', async () => {
    for (const known of [registry, join(dir, 'none')]) {
      const missing = { code: 'MODEL_MISSING', message: /^No model in unfinished: / };
      await assert.rejects(findModel('unfinished', known), missing);
    }
  });

  it('takes an id from the registry, a folder of that name or not, and says what is neither: MODEL_UNKNOWN', async () => {
    assert.equal((await findModel(id, registry)).card.id, id);
    mkdirSync(id);
    assert.equal((await findModel(id, registry)).card.id, id);
    await assert.rejects(findModel('nobody', registry), { code: 'MODEL_UNKNOWN' });
  });

  it('names the model that was asked for where there is no registry: REGISTRY_MISSING', async () => {
    const missing = { code: 'REGISTRY_MISSING', message: /^No model nobody: .* no registry in .*none / };
    await assert.rejects(findModel('nobody', join(dir, 'none')), missing);
  });
});
