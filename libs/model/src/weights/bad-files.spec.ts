import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { zipSync } from 'fflate';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { CodedError } from '#contracts';
import {
  type FileLayer,
  layersOf,
  writeH5,
  writeKerasArchive,
  writeKerasH5,
  writeKerasWeightsH5,
  writeSafetensors,
} from '../../../../test/factories/keras-files.js';
import { readCheckpoint } from './checkpoint.js';
import { openHdf5 } from './hdf5.js';
import { readKerasArchive } from './keras-archive.js';

const NETWORK = 'mobilenet-v2-0.35';
const tensor = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1) });
/** The first layers of the network: small files of every kind. */
const raw = new Map([
  ['Conv1/kernel', tensor(3, 3, 3, 16)],
  ['bn_Conv1/gamma', tensor(16)],
  ['bn_Conv1/beta', tensor(16)],
]);
const layers: FileLayer[] = layersOf(raw);

const KINDS: Record<string, () => Promise<Uint8Array>> = {
  '.h5': () => writeKerasH5(layers),
  '.weights.h5': () => writeKerasWeightsH5(layers),
  '.keras': async () => writeKerasArchive(await writeKerasWeightsH5(layers), { class_name: 'Functional' }),
  '.safetensors': async () => writeSafetensors(manyTensors()),
};
const read = (bytes: Uint8Array) => readCheckpoint(bytes, { backbone: NETWORK, variant: 'keras' });
const unreadable = { name: 'InputError', code: 'WEIGHTS_UNREADABLE' };

/** Enough of the network's names that the layout is told. */
function manyTensors(): Map<string, { shape: number[]; data: Float32Array }> {
  const blocks = Array.from({ length: 16 }, (_, i) => `block_${i + 1}`);
  const names = blocks.flatMap((block) => [
    `${block}_expand/kernel`,
    `${block}_expand_BN/gamma`,
    `${block}_depthwise/x`,
  ]);
  return new Map(
    [...names, ...blocks.flatMap((b) => [`${b}_depthwise_BN/y`, `${b}_project/z`])].map((n) => [n, tensor(2)]),
  );
}

describe('damaged weight files', () => {
  for (const [kind, write] of Object.entries(KINDS)) {
    it(`are refused wherever a ${kind} is cut off`, async () => {
      const bytes = await write();
      await read(bytes);
      for (const share of [0, 0.001, 0.1, 0.6, 0.999]) {
        const cut = bytes.slice(0, Math.floor(share * bytes.length));
        await assert.rejects(read(cut), unreadable, `${cut.length} of ${bytes.length} bytes`);
      }
    });

    it(`never end a ${kind} in anything but a coded error`, async () => {
      const bytes = await write();
      const random = xoroshiro128plus(20_261_124);
      const isCheap = kind === '.safetensors';
      let refused = 0;
      for (let i = 0; i < (isCheap ? 300 : 6); i++) {
        const changed = bytes.slice();
        for (let n = uniformInt(random, 1, 12); n > 0; n--) {
          changed[uniformInt(random, 0, Math.min(changed.length, 4_000) - 1)] = uniformInt(random, 0, 255);
        }
        await read(changed).catch((error: unknown) => {
          assert.ok(error instanceof CodedError && error.code !== 'INVARIANT', `${error}`);
          refused += 1;
        });
      }
      assert.ok(refused > 0, 'some of the files were bad');
    });
  }
});

describe('foreign files', () => {
  const text = (words: string) => new TextEncoder().encode(words);
  const files: Record<string, [Uint8Array | (() => Promise<Uint8Array>), RegExp]> = {
    'a text': [text('{"weights": "none"}'), /none of HDF5/],
    'nothing at all': [new Uint8Array(0), /none of HDF5/],
    'a PyTorch pickle': [zipSync({ 'archive/data.pkl': text('x') }), /config\.json.*PyTorch.*safetensors/],
    'a zip without weights': [zipSync({ 'config.json': text('{}') }), /model\.weights\.h5/],
    'a .keras whose config is no JSON': [
      zipSync({ 'config.json': text('{'), 'model.weights.h5': text('x') }),
      /config\.json is no JSON/,
    ],
    'a .keras whose weights are no HDF5': [
      zipSync({ 'config.json': text('{}'), 'model.weights.h5': text('x') }),
      /signature/,
    ],
    'an HDF5 of something else': [
      () => writeH5((file) => file.create_dataset({ name: 'spectrum', data: new Float32Array(4) })),
      /not from Keras: expected layer_names/,
    ],
  };
  for (const [name, [bytes, message]] of Object.entries(files)) {
    it(`are refused: ${name}`, async () => {
      const given = typeof bytes === 'function' ? await bytes() : bytes;
      await assert.rejects(read(given), { ...unreadable, message });
    });
  }

  it('name tensors that no proven layout knows: WEIGHTS_LAYOUT', async () => {
    const bytes = writeSafetensors(new Map([['encoder.layer.0.weight', tensor(2)]]));
    await assert.rejects(read(bytes), {
      code: 'WEIGHTS_LAYOUT',
      message: /encoder\.layer\.0\.weight.*safetensors-keras/,
    });
  });
});

describe('HDF5 files that lie', () => {
  const lies: Record<string, [Uint8Array | (() => Promise<Uint8Array>), RegExp]> = {
    'a group that is listed and missing': [
      () =>
        writeH5((file) => {
          file.create_attribute('layer_names', ['Conv1']);
        }),
      /lists group Conv1/,
    ],
    'a tensor that is listed and missing': [
      () =>
        writeH5((file) => {
          file.create_attribute('layer_names', ['Conv1']);
          file.create_group('Conv1').create_attribute('weight_names', ['Conv1/kernel:0']);
        }),
      /lists tensor Conv1\/kernel:0/,
    ],
    'doubles where float32 belongs': [
      () =>
        writeH5((file) => {
          file.create_attribute('layer_names', ['Conv1']);
          const group = file.create_group('Conv1');
          group.create_attribute('weight_names', ['kernel:0']);
          group.create_dataset({ name: 'kernel:0', data: new Float64Array(4) });
        }),
      /\/Conv1\/kernel:0 is of type <d/,
    ],
    'a size that is not in the file': [
      () =>
        writeH5((file) => {
          file.create_attribute('layer_names', ['Conv1']);
          const group = file.create_group('Conv1');
          group.create_attribute('weight_names', ['kernel:0']);
          const chunks = { chunks: [1], maxshape: [null], shape: [1] };
          group.create_dataset({ name: 'kernel:0', data: new Float32Array(1), ...chunks }).resize([400_000_000]);
        }),
      /claims more than the \d+ bytes/,
    ],
    'one layer twice': [
      () =>
        writeH5((file) => {
          const top = file.create_group('layers');
          for (const name of ['conv2d', 'conv2d_1']) {
            const vars = top.create_group(name).create_group('vars');
            vars.create_attribute('name', 'Conv1');
            vars.create_dataset({ name: '0', data: new Float32Array(4) });
          }
        }),
      /Conv1\/kernel twice/,
    ],
    'two models without names': [
      () =>
        writeH5((file) => {
          for (const path of ['conv2d', 'functional/layers/conv2d']) {
            const steps = ['layers', ...path.split('/'), 'vars'];
            let at = file as unknown as ReturnType<typeof file.create_group>;
            for (const step of steps)
              at = at.keys().includes(step) ? (at.get(step) as typeof at) : at.create_group(step);
            at.create_dataset({ name: '0', data: new Float32Array(4) });
          }
        }),
      /several models without names lie in \/layers, \/layers\/functional\/layers/,
    ],
    'groups in groups without end': [
      () =>
        writeH5((file) => {
          file.create_group('layers');
          file.create_hard_link('/layers', '/layers/again');
        }),
      /more than 16 deep/,
    ],
  };
  for (const [name, [bytes, message]] of Object.entries(lies)) {
    it(`are refused: ${name}`, async () => {
      const given = typeof bytes === 'function' ? await bytes() : bytes;
      await assert.rejects(read(given), { ...unreadable, message });
    });
  }

  it('are given up when they keep the library busy', async () => {
    await assert.rejects(openHdf5(await writeKerasH5(layers), 1), { ...unreadable, message: /no end after 1 ms/ });
  });

  it('leave the state of an optimiser unread', async () => {
    const bytes = await writeH5((file) => {
      file.create_group('layers');
      file.create_group('optimizer').create_dataset({ name: 'm', data: new Float64Array(4) });
    });
    const file = await openHdf5(bytes);
    await file.close();
    assert.deepEqual(Object.keys(file.root.groups), ['layers']);
  });
});

describe('zip archives that lie', () => {
  /** Overwrite a member's unpacked size in the central directory. */
  function claim(archive: Uint8Array, bytes: number): Uint8Array {
    const changed = archive.slice();
    const view = new DataView(changed.buffer);
    for (let at = 0; at < changed.length - 46; at++) {
      if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, bytes, true);
    }
    return changed;
  }
  const archive = zipSync({ 'config.json': new Uint8Array(500), 'model.weights.h5': new Uint8Array(500) });

  it('are refused before memory is taken for what they claim', () => {
    for (const size of [2 ** 31 + 1, 600_000]) {
      assert.throws(() => readKerasArchive(claim(archive, size)), {
        ...unreadable,
        message: new RegExp(`${size} bytes`),
      });
    }
  });

  it('are refused when a member unpacks to more than any config has', () => {
    const bomb = zipSync({ 'config.json': new Uint8Array(70 * 2 ** 20), 'model.weights.h5': new Uint8Array(1) });
    assert.ok(bomb.length < 100_000);
    assert.throws(() => readKerasArchive(bomb), { ...unreadable, message: /config\.json claims/ });
  });
});
