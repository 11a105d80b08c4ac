import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { formulaCheckpoint } from '../../../../test/factories/formula-base.js';
import { writeSafetensors } from '../../../../test/factories/keras-files.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { findBackbone } from '../backbones/find.js';
import { IMAGENET_COLOURS } from '../backbones/variant.js';
import { foldWeights } from './fold-weights.js';
import { type ImportRequest, importWeights } from './import-weights.js';
import { timmNames } from './layouts/timm.js';
import { LITE0_WEIGHTS } from './record.js';
import { findWeights, listWeights, loadWeights, removeWeights } from './store.js';
import { hashWeights } from './weight-map.js';

const NETWORK = 'mobilenet-v2-0.35';
const backbone = findBackbone(NETWORK, 'keras');
const raw = formulaCheckpoint(backbone);
const bytes = writeSafetensors(raw);

function request(over: Partial<ImportRequest> = {}): ImportRequest {
  const dir = tempDir();
  const file = join(dir, 'plant.safetensors');
  writeFileSync(file, bytes);
  return { file, backbone: NETWORK, dir: join(dir, 'store'), importedTs: '2026-01-02T03:04:05.000Z', ...over };
}

describe('importing weights', () => {
  it('keeps the file as it came, with a record that a training starts from', async () => {
    const asked = request({ id: 'plant', licence: 'ours', origin: 'plant 7' });
    const { weights, isNew } = await importWeights(asked);
    assert.ok(isNew);
    const { backbone: network, file, ...record } = weights;
    assert.equal(network.name, NETWORK);
    assert.deepEqual(record, {
      id: 'plant',
      variant: 'keras',
      layout: 'safetensors-keras',
      sha256: record.sha256,
      licence: 'ours',
      origin: 'plant 7',
      normalise: { mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] },
      parameters: 410_208,
      leaveOut: [],
      left: [],
      colours: 'library',
      importedTs: '2026-01-02T03:04:05.000Z',
      isBuiltIn: false,
    });
    assert.ok(readFileSync(file).equals(bytes));
    const found = await findWeights('plant', asked.dir);
    assert.deepEqual(found, weights);
    assert.equal(hashWeights(await loadWeights(found)), hashWeights(foldWeights(backbone, raw)));
  });

  it('names what nobody named, and never a licence that nobody stated', async () => {
    const { weights } = await importWeights(request());
    assert.equal(weights.id, `${NETWORK}-keras-${weights.sha256.slice(0, 8)}`);
    assert.equal(weights.licence, 'not stated');
    assert.equal(weights.origin, 'plant.safetensors (safetensors-keras)');
  });

  it('says when the same file is here already', async () => {
    const asked = request();
    const { weights } = await importWeights(asked);
    assert.deepEqual(await importWeights(asked), { weights, isNew: false });
    assert.deepEqual(await importWeights({ ...asked, id: weights.id }), { weights, isNew: false });
    const file = fileURLToPath(LITE0_WEIGHTS.file);
    const own = await importWeights({ ...asked, file, backbone: 'efficientnet-lite0' });
    assert.deepEqual(own, { weights: LITE0_WEIGHTS, isNew: false });
    assert.deepEqual(readdirSync(asked.dir), [weights.id]);
  });

  it('refuses another file under a taken id: WEIGHTS_TAKEN', async () => {
    const asked = request({ id: 'plant' });
    await importWeights(asked);
    const other = new Map([...raw].map(([name, { shape, data }]) => [name, { shape, data: data.map((x) => x / 2) }]));
    writeFileSync(asked.file, writeSafetensors(other));
    const refusal = { name: 'RefusedError', code: 'WEIGHTS_TAKEN', message: /--as/ };
    await assert.rejects(importWeights(asked), refusal);
    await assert.rejects(importWeights({ ...asked, id: LITE0_WEIGHTS.id }), refusal);
  });

  it('keeps what the weights read as stated, and tells the same file read otherwise apart', async () => {
    const asked = request({ backbone: NETWORK, colours: 'imagenet' });
    const { weights } = await importWeights(asked);
    assert.deepEqual(weights.normalise, IMAGENET_COLOURS);
    assert.equal(weights.colours, 'import');
    assert.deepEqual((await findWeights(weights.id, asked.dir)).backbone.normalise, IMAGENET_COLOURS);
    await assert.rejects(importWeights({ ...asked, colours: undefined }), { code: 'WEIGHTS_TAKEN', message: /--as/ });
    await assert.rejects(importWeights({ ...asked, colours: 'bgr' }), {
      code: 'WEIGHTS_COLOURS',
      message: /plant\.safetensors: --colours bgr .*imagenet, minus-one-to-one/,
    });
  });

  it('reads records that are older than colours and what was left', async () => {
    const asked = request({ id: 'plant' });
    await importWeights(asked);
    const record = join(asked.dir, 'plant', 'weights.json');
    const { left, colours, ...older } = JSON.parse(readFileSync(record, 'utf8'));
    assert.deepEqual([left, colours], [[], 'library']);
    writeFileSync(record, JSON.stringify(older));
    const found = await findWeights('plant', asked.dir);
    assert.deepEqual([found.left, found.colours], [null, null]);
  });

  it('refuses ids that are no names: WEIGHTS_ID', async () => {
    for (const id of ['../plant', 'Plant', '.hidden', '']) {
      await assert.rejects(importWeights(request({ id })), { code: 'WEIGHTS_ID' });
    }
  });

  it('refuses what it cannot read, naming the file, and leaves nothing behind', async () => {
    const asked = request();
    for (const file of [join(asked.dir, 'gone.h5'), tempDir()]) {
      await assert.rejects(importWeights({ ...asked, file }), {
        code: 'WEIGHTS_UNREADABLE',
        message: new RegExp(file),
      });
    }
    writeFileSync(asked.file, bytes.subarray(0, 1000));
    await assert.rejects(importWeights(asked), { code: 'WEIGHTS_UNREADABLE', message: /plant\.safetensors: / });
    writeFileSync(asked.file, writeSafetensors(new Map([...raw].slice(1))));
    await assert.rejects(importWeights(asked), { code: 'WEIGHTS_MISSING', message: /plant\.safetensors: .*Conv1/ });
    assert.ok(!existsSync(asked.dir));
  });

  it('leaves nothing behind where the store cannot be written: WEIGHTS_STORE', async () => {
    const asked = request({ id: 'plant' });
    mkdirSync(asked.dir);
    // A file where the folder belongs.
    writeFileSync(join(asked.dir, 'plant'), '');
    await assert.rejects(importWeights(asked), { name: 'DependencyError', code: 'WEIGHTS_STORE' });
    assert.deepEqual(readdirSync(asked.dir), ['plant']);
  });

  it('asks for the library where several write such a file: WEIGHTS_VARIANT', async () => {
    const names = new Map([
      ['conv1.weight', { shape: [1], data: new Float32Array(1) }],
      ...[1, 2, 3, 4].flatMap((stage) =>
        [0, 1, 2, 3, 4, 5].flatMap((block) =>
          ['conv1', 'bn1', 'conv2', 'bn2', 'conv3', 'bn3'].map(
            (part) => [`layer${stage}.${block}.${part}.weight`, { shape: [1], data: new Float32Array(1) }] as const,
          ),
        ),
      ),
    ] as [string, { shape: number[]; data: Float32Array }][]);
    const asked = request({ backbone: 'resnet50' });
    writeFileSync(asked.file, writeSafetensors(names));
    await assert.rejects(importWeights(asked), { code: 'WEIGHTS_VARIANT', message: /timm and torchvision.*--variant/ });
    await assert.rejects(importWeights({ ...asked, variant: 'timm' }), { code: 'WEIGHTS_MISSING' });
    await assert.rejects(importWeights({ ...asked, variant: 'keras' }), { code: 'WEIGHTS_LAYOUT' });
  });

  it('asks whether a file is of the proven one of two networks that timm names alike: WEIGHTS_VARIANT', async () => {
    const modules = timmNames(findBackbone('efficientnet-lite0', 'timm-tf')).values();
    const names = [...modules].map((name) => [`${name}.weight`, { shape: [1], data: new Float32Array(1) }] as const);
    const asked = request({ backbone: 'efficientnet-lite0' });
    writeFileSync(asked.file, writeSafetensors(new Map(names)));
    const message = /efficientnet_lite\*, which are not proven.*of tf_efficientnet_lite\*, say --variant timm-tf/;
    await assert.rejects(importWeights(asked), { code: 'WEIGHTS_VARIANT', message });
    await assert.rejects(importWeights({ ...asked, variant: 'timm-tf' }), { code: 'WEIGHTS_MISSING' });
  });
});

describe('the weights store', () => {
  it('begins with the product’s own', async () => {
    assert.deepEqual(await listWeights(join(tempDir(), 'none')), [LITE0_WEIGHTS]);
    await assert.rejects(removeWeights(LITE0_WEIGHTS.id, tempDir()), {
      name: 'RefusedError',
      code: 'WEIGHTS_BUILT_IN',
    });
  });

  it('lists what exists when an id does not: WEIGHTS_UNKNOWN', async () => {
    const missing = findWeights('../resnet', tempDir());
    await assert.rejects(missing, { code: 'WEIGHTS_UNKNOWN', message: /efficientnet-lite0-imagenet/ });
  });

  it('refuses a file that was changed or is gone', async () => {
    const { weights } = await importWeights(request());
    appendFileSync(weights.file, '!');
    await assert.rejects(loadWeights(weights), { code: 'WEIGHTS_HASH' });
    const gone = { ...weights, file: new URL('file:///nowhere/x.safetensors') };
    await assert.rejects(loadWeights(gone), { code: 'WEIGHTS_UNREADABLE', message: /nowhere/ });
  });

  it('names a record that cannot be read: WEIGHTS_RECORD', async () => {
    const asked = request({ id: 'plant' });
    await importWeights(asked);
    const record = join(asked.dir, 'plant', 'weights.json');
    for (const text of ['', '{}', readFileSync(record, 'utf8').replace('"plant"', '"other"')]) {
      writeFileSync(record, text);
      await assert.rejects(listWeights(asked.dir), { code: 'WEIGHTS_RECORD', message: /plant.weights\.json/ });
    }
  });

  it('cannot be a file: WEIGHTS_STORE', async () => {
    const { file } = request();
    await assert.rejects(listWeights(file), { name: 'DependencyError', code: 'WEIGHTS_STORE' });
  });

  it('forgets what is removed', async () => {
    const asked = request({ id: 'plant' });
    await importWeights(asked);
    await removeWeights('plant', asked.dir);
    assert.deepEqual(readdirSync(asked.dir), []);
    await assert.rejects(removeWeights('plant', asked.dir), { code: 'WEIGHTS_UNKNOWN' });
  });
});
