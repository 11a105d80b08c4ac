import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { type BackendName, chooseBackend } from '#model/backend/choose';
import { buildTail } from '#model/network';
import { layOut } from '#model/train/parameters';
import { LITE0_WEIGHTS } from '#model/weights/record';
import { makeExamples } from '../../../../test/factories/feature-examples.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { Crew } from './crew.js';
import type { StoreLayout } from './feature-store.js';

const HEAD = { units: [], dropout: 0, labels: 2 };
const SIZE = { height: 32, width: 32 };
const network = { backbone: LITE0_WEIGHTS.backbone, head: HEAD, size: SIZE, cut: 'embedding' } as const;

describe('a crew of threads', () => {
  const dir = tempDir();
  let features: StoreLayout;

  before(async () => {
    await chooseBackend('wasm');
    ({ features } = await makeExamples(dir, { shape: { embedding: 1280, cut: 192 }, count: 4 }));
  });

  it('says what a thread met, by its own code', async (t) => {
    const crew = await start(t, 'wasm');
    assert.equal((await crew.predict([0, 1, 2, 3])).length, 8);
    rmSync(dir, { recursive: true });
    const lost = await start(t, 'wasm');
    await assert.rejects(lost.predict([0, 1, 2, 3]), { name: 'InputError', code: 'FEATURES_BROKEN' });
  });

  it('says that the backend of its threads does not start, instead of waiting for it', async (t) => {
    const crew = await start(t, 'abacus' as BackendName);
    for (const records of [[0, 1], [2]]) await assert.rejects(crew.predict(records), { name: 'InvariantError' });
  });

  async function start(t: { after: (stop: () => Promise<void>) => void }, backend: BackendName): Promise<Crew> {
    const tail = buildTail(network);
    const weights = layOut(tail).map(
      ({ name, shape, length }) => [name, { shape, data: new Float32Array(length) }] as const,
    );
    tail.dispose();
    const task = { ...network, backend, frozen: [], features };
    const crew = await Crew.start(task, { workers: 2, start: new Map(weights) });
    t.after(() => crew.stop());
    return crew;
  }
});
