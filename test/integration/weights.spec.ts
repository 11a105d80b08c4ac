import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { findBackbone } from '#model/backbones/find';
import { formulaCheckpoint } from '../factories/formula-base.js';
import { layersOf, writeKerasArchive, writeKerasWeightsH5 } from '../factories/keras-files.js';
import { runLineside } from '../factories/lineside.js';
import { tempDir } from '../factories/tools.js';

describe('lineside weights', () => {
  it('imports what Keras saved, lists, shows, exports and removes it, and prints no library’s noise', async () => {
    const dir = tempDir();
    const [file, store, onnx] = ['plant.keras', 'store', 'base.onnx'].map((name) => join(dir, name));
    assert.ok(file && store && onnx);
    const network = ['--backbone', 'mobilenet-v2-0.35'];
    const layers = layersOf(formulaCheckpoint(findBackbone('mobilenet-v2-0.35', 'keras')));
    writeFileSync(file, writeKerasArchive(await writeKerasWeightsH5(layers)));
    const run = async (...args: string[]) => runLineside(['weights', ...args, '--weights-dir', store]);

    const imported = await run('import', file, ...network, '--as', 'plant', '--licence', 'ours');
    assert.deepEqual([imported.exitCode, imported.stderr], [0, '']);
    assert.match(
      imported.stdout,
      /Imported plant: mobilenet-v2-0\.35 \(keras\), keras-archive; licence ours; .*as its library does; left in the file: nothing\./,
    );
    assert.match((await run('import', file, ...network)).stdout, /plant is here already/);
    assert.match((await run('list')).stdout, /mobilenet-v2-0\.35 .* plant$/m);
    assert.equal(JSON.parse((await run('show', 'plant')).stdout).licence, 'ours');
    assert.equal((await run('export', ...network, '--weights', 'plant', '--size', '32', '--onnx', onnx)).exitCode, 0);
    assert.ok(readFileSync(onnx).length > 1e6);
    assert.equal((await run('remove', 'plant')).exitCode, 0);
    assert.ok(!existsSync(join(store, 'plant')));

    writeFileSync(file, readFileSync(file).subarray(0, 1e6));
    const refused = await run('import', file, ...network);
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /^error WEIGHTS_UNREADABLE: .*plant\.keras: [^\n]*\n$/);
  });
});
