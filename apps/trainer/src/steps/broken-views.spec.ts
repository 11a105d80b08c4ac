import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, it } from 'node:test';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { InputError } from '#contracts';
import type { Sample } from '#model/dataset/sample';
import { tempDir } from '../../../../test/factories/tools.js';
import { FeatureStore } from '../fit/feature-store.js';
import { Plan } from '../plan/plan.js';
import { TrainLog } from '../train-log.js';
import { askViewsBeside, type ViewsRequest } from './broken-views.js';
import type { Example } from './example.js';

const PICTURES = 60;
const WIDTH = 8;

type View = 'plain' | 'mirror' | 'flip' | 'turn';

/** What a view shows of a picture: which way round the part is, and whether it has a scratch; 1 or -1. */
type Sight = readonly [way: number, scratch: number];
/** By a picture's number and whether it is a defect. */
type Look = (picture: number, isDefect: boolean) => Sight;

/** What a run says of its views. @param looks of every view of the plan, the plain one first */
async function doubts(looks: Partial<Record<View, Look>>, augment: object = {}): Promise<string[]> {
  return doubtsOf((await viewsOf(looks, augment)).request);
}

async function doubtsOf(request: ViewsRequest): Promise<string[]> {
  const log = new TrainLog([]);
  await askViewsBeside(request, { log, work: async () => undefined });
  return log.doubts.map(({ words }) => words);
}

/** Views as a run has them; `forget` takes the features from the disk. */
async function viewsOf(looks: Partial<Record<View, Look>>, augment: object = {}) {
  const store = await FeatureStore.open(tempDir(), { shape: { embedding: WIDTH, cut: 0 }, network: 'spec' });
  const views = Object.entries(looks);
  const train: Example[] = [];
  const samples: Sample[] = [];
  const random = xoroshiro128plus(1);
  for (let picture = 0; picture < PICTURES; picture++) {
    const isDefect = picture % 3 === 0;
    for (const [view, look] of views) {
      const sight = look(picture, isDefect);
      const embedding = Float32Array.from({ length: WIDTH }, (_, i) => (sight[i % 2] ?? 0) + uniformFloat64(random));
      await store.append([
        { pictureSha256: String(picture).padStart(64, '0'), view, embedding, cut: new Float32Array() },
      ]);
    }
    const records = views.map((_, view) => picture * views.length + view);
    const plain = picture * views.length;
    const path = `${picture}.png`;
    const label = isDefect ? 'reversed' : 'good';
    samples.push({ path, file: path, label, split: 'train', group: null, lot: null, part: null });
    train.push({ records, plain, label: isDefect ? 1 : 0, picture, group: path });
  }
  await store.close();
  const plan = Plan.parse({ augment: { views: views.map(([view]) => view), ...augment } });
  const { layout } = store;
  const request: ViewsRequest = { samples, train, layout, plan, labels: ['good', 'reversed'] };
  return { request, forget: () => rmSync(`${layout.shards[0]}.embedding`) };
}

const reversed: Look = (_, isDefect) => [isDefect ? 1 : -1, 0];
const mirrored: Look = (_, isDefect) => [isDefect ? -1 : 1, 0];
const scratched: Look = (picture, isDefect) => [picture % 2 === 0 ? 1 : -1, isDefect ? 1 : -1];
const scratchedMirrored: Look = (picture, isDefect) => [picture % 2 === 0 ? -1 : 1, isDefect ? 1 : -1];

describe('views that break labels', () => {
  it('are doubted by name where mirroring makes a good part a reversed one, with the views that are left', async () => {
    const [doubt = '', ...more] = await doubts({ plain: reversed, mirror: mirrored, turn: reversed });
    assert.match(
      doubt,
      /^mirror may not keep the label: .* AUROC plain 1\.0000 \(.*\), mirror 0\.[2-6]\d+ \(95 % limits 0\.\d+ to 0\.\d+\)\. Where left and right/,
    );
    assert.match(doubt, /--set 'augment\.views=\[plain, turn\]'$/);
    assert.deepEqual(more, []);
  });

  it('are doubted where the label is lost on the way, not only where it is swapped', async () => {
    const [doubt = ''] = await doubts({ plain: reversed, flip: (picture) => [picture % 2 === 0 ? 1 : -1, 0] });
    assert.match(doubt, /, flip 0\.[3-6]\d+ .*--set 'augment\.views=\[plain\]'$/);
  });

  it('are not doubted where the defect is seen in each of them', async () => {
    assert.deepEqual(await doubts({ plain: scratched, mirror: scratchedMirrored }), []);
  });

  it('are doubted where something is drawn on them, with what is drawn', async () => {
    const [doubt = ''] = await doubts({ plain: reversed, mirror: mirrored }, { rotation: 5, brightness: 0.2 });
    assert.match(doubt, /^mirror as drawn may not keep the label: .* mirror as drawn 0\.[2-6]/);
    assert.match(doubt, /Lower what your part does not bear, augment\.rotation 5, augment\.brightness 0\.2 or a view/);
  });

  it('are not doubted where they only look different, as in other light', async () => {
    const elsewhere: Look = (_, isDefect) => [isDefect ? 9 : 5, 0];
    assert.deepEqual(await doubts({ plain: scratched, mirror: elsewhere }), []);
    assert.deepEqual(await doubts({ plain: scratched, mirror: elsewhere }, { brightness: 0.5 }), []);
  });

  it('are judged once by the same pictures and plan', async () => {
    const { request, forget } = await viewsOf({ plain: reversed, mirror: mirrored });
    const first = await doubtsOf(request);
    forget();
    assert.deepEqual(await doubtsOf(request), first);
    const copies = request.samples.map((sample, i) => (i < 2 ? { ...sample, kin: '0.png' } : sample));
    for (const other of [
      { ...request, plan: { ...request.plan, seed: 2 } },
      { ...request, samples: copies },
    ])
      await assert.rejects(doubtsOf(other), { code: 'FEATURES_BROKEN' });
  });

  it('are doubted while the run learns, which need not wait for it', async () => {
    const { request } = await viewsOf({ plain: reversed, mirror: mirrored });
    let end = (): void => undefined;
    const log = new TrainLog([() => end()]);
    const learning = new Promise<string>((resolve) => {
      end = () => resolve('learnt');
    });
    assert.equal(await askViewsBeside(request, { log, work: () => learning }), 'learnt');
    assert.equal(log.doubts.length, 1);
  });

  it('are asked of the features as they were when learning began, which may draw them anew', async () => {
    const { request, forget } = await viewsOf({ plain: reversed, mirror: mirrored });
    const log = new TrainLog([]);
    await askViewsBeside(request, { log, work: async () => forget() });
    assert.equal(log.doubts.length, 1);
  });

  it('are asked no further where the run ends while it learns, and all over again when it goes on', async () => {
    const { request } = await viewsOf({ plain: reversed, mirror: mirrored });
    const log = new TrainLog([]);
    const work = async () => {
      throw new InputError('STOPPED', 'Training was stopped.');
    };
    await assert.rejects(askViewsBeside(request, { log, work }), { code: 'STOPPED' });
    assert.deepEqual(log.doubts, []);
    assert.equal((await doubtsOf(request)).length, 1);
  });

  it('end the run where it has learnt when what is found cannot be kept', async () => {
    const { request } = await viewsOf({ plain: reversed, mirror: mirrored });
    const cache = dirname(request.layout.shards[0] ?? '');
    let hasLearnt = false;
    const work = async () => {
      rmSync(cache, { recursive: true });
      writeFileSync(cache, 'no folder');
      hasLearnt = true;
    };
    await assert.rejects(askViewsBeside(request, { log: new TrainLog([]), work }), { code: 'ENOTDIR' });
    assert.ok(hasLearnt);
  });

  it('are not doubted where plain pictures teach nothing', async () => {
    const blind: Look = (picture) => [picture % 2 === 0 ? 1 : -1, 0];
    assert.deepEqual(await doubts({ plain: blind, mirror: (picture) => [picture % 2 === 0 ? -1 : 1, 0] }), []);
  });

  it('are not judged where plain is the only one', async () => {
    assert.deepEqual(await doubts({ plain: reversed }), []);
  });
});
