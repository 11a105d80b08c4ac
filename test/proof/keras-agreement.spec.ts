import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findBackbone } from '#model/backbones/find';
import { chooseBackend } from '#model/backend/choose';
import { LARGEST_DIFFERENCE, readReference } from '../factories/agreement.js';
import { structureOf } from '../factories/structure.js';
import { requireTool, tempDir } from '../factories/tools.js';
import { Comparison } from './compare.js';
import { makeEnvironment } from './environment.js';
import { KERAS_FORMATS, Library, NETWORKS } from './library.js';

/** One of each layout: the classifier lies in the file as any other layer does. */
const TOP_FORMATS = ['keras2-weights.h5', 'keras3.weights.h5', 'keras3-model.keras'];
/** The base as one layer of a model with a head of its own, as it lies there after training. */
const NESTED_FORMATS = [
  'keras2-nested.h5',
  'keras2-nested.keras',
  'keras3-nested.h5',
  'keras3-nested.keras',
  'keras3-nested.weights.h5',
];
const HEAD = 'head';
/** The classifier of VGG grows with the picture. */
const SMALLEST = 32;

/** What real Keras writes is what this product reads; `npm run proof` does the same for every network. */
const environment = findEnvironment();

describe('files that Keras writes', { skip: environment.skip }, () => {
  const out = tempDir();
  let library: Library;
  before(async () => {
    await chooseBackend('wasm');
    library = new Library(environment.python, 'write_keras.py', out);
  });
  after(() => library.close());

  for (const network of NETWORKS.filter(({ inCi }) => inCi)) {
    describe(`of ${network.name}`, () => {
      let folder = '';
      let comparison: Comparison;
      before(async () => {
        const formats = [...KERAS_FORMATS, ...NESTED_FORMATS];
        folder = await library.write({ network, formats, topFormats: TOP_FORMATS, topSize: SMALLEST });
        comparison = new Comparison(network, await readReference(join(folder, 'expected.safetensors')));
      });

      for (const version of ['keras2', 'keras3']) {
        it(`list the layers of ${version} in its order`, async () => {
          const { layers } = JSON.parse(await readFile(join(folder, `${version}-layers.json`), 'utf8'));
          // Keras 2 has a bare operation where Keras 3 has a layer; the input layer's name is the builder's choice.
          const expected = layers.slice(1).map((name: string) => name.replace(/^tf\.math\.multiply$/, 'rescaling_1'));
          assert.deepEqual(structureOf(findBackbone(network.name, 'keras')).layers, expected);
        });
      }

      for (const format of KERAS_FORMATS) {
        it(`make the same network, ${format}`, () => assertAgrees(`no-top/${format}`));
      }
      for (const format of TOP_FORMATS) {
        it(`make the same network beside their classifier, ${format}`, () => assertAgrees(`with-top/${format}`));
      }
      for (const format of NESTED_FORMATS) {
        it(`make the same network inside a model with a head of its own, ${format}`, () =>
          assertAgrees(`no-top/${format}`, [HEAD]));
      }

      async function assertAgrees(file: string, leaveOut: readonly string[] = []): Promise<void> {
        const { inner, embedding } = await comparison.compare(join(folder, file), file, leaveOut);
        assert.ok(inner <= LARGEST_DIFFERENCE, `inner layer differs by ${inner}`);
        assert.ok(embedding <= LARGEST_DIFFERENCE, `embedding differs by ${embedding}`);
      }
    });
  }
});

function findEnvironment(): { python: string; skip: string | false } {
  const python3 = requireTool('python3');
  if (python3.skip !== false) return { python: '', skip: python3.skip };
  try {
    return { python: makeEnvironment('keras', python3.path), skip: false };
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    const skip = `no Keras to compare with: ${error instanceof Error ? error.message : String(error)}`;
    console.error(`SKIPPED: ${skip}`);
    return { python: '', skip };
  }
}
