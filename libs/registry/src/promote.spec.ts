import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Evaluation } from '#contracts';
import { shareOf } from '#model/metrics-share';
import { reachedAt } from '#model/reached';
import { makeArtefact, makeEvaluation } from '../../../test/factories/artefact.js';
import { tempDir } from '../../../test/factories/tools.js';
import { promote, weighPromotion } from './promote.js';
import { Registry } from './registry.js';

const by = 'Ada Quality';
const recipe = 'bolt';
const FINGERPRINTS = ['a', 'b'].map((letter) => letter.repeat(64));

/** Figures on 100 defects and 200 good parts with this many mistakes. */
function judged({ missed, rejected }: { missed: number; rejected: number }): Evaluation {
  const at = makeEvaluation().atThreshold;
  return makeEvaluation({
    n: 300,
    positives: 100,
    atThreshold: {
      ...at,
      tp: 100 - missed,
      fn: missed,
      fp: rejected,
      tn: 200 - rejected,
      missRate: shareOf(missed, 100),
      overkill: shareOf(rejected, 200),
    },
  });
}

async function registryWith(
  ...models: { id: string; test: Evaluation | null; data?: 0 | 1; weights?: string }[]
): Promise<Registry> {
  const registry = await Registry.open(join(tempDir(), 'registry'), { create: true });
  for (const [i, { id, test, data = 0, weights = String(i) }] of models.entries()) {
    const fingerprint = FINGERPRINTS[data] ?? '';
    const metrics = { validation: makeEvaluation(), test };
    const card = { metrics, data: { fingerprint, pictures: {} }, weightsSha256: weights.repeat(64) };
    await registry.put((await makeArtefact({ id, card })).dir);
  }
  return registry;
}

describe('promote', () => {
  it('takes the first model of a recipe that was tested on defects', async () => {
    const registry = await registryWith({ id: 'm1', test: judged({ missed: 2, rejected: 4 }) });
    const promotion = await promote(registry, { id: 'm1', recipe, by });
    assert.equal(promotion.basis, 'FIRST');
    assert.match(promotion.summary, /m1 missed 2 of 100 defects and rejected 4 of 200 good parts\./);
    assert.deepEqual(await registry.active(recipe), promotion.activation);
  });

  it('tells the person what was wished of the threshold and what the pictures show of it', async () => {
    const wish = { kind: 'claim', missAtMost: 0.05, confidence: 0.95 } as const;
    const test = judged({ missed: 2, rejected: 4 });
    const reached = { validation: reachedAt(test.atThreshold, wish), test: reachedAt(test.atThreshold, wish) };
    const operatingReason = {
      wish,
      defectRate: null,
      reviewPerThousand: 20,
      reached,
      spread: null,
      words: 'Wish: miss little.',
    };
    const registry = await Registry.open(join(tempDir(), 'registry'), { create: true });
    await registry.put((await makeArtefact({ id: 'm1', card: { operatingReason } })).dir);
    const { summary } = await promote(registry, { id: 'm1', recipe, by });
    assert.match(summary, /Wish: miss little\.$/);
  });

  it('shows the person what the training doubted, before and when a name is put under it', async () => {
    const registry = await Registry.open(join(tempDir(), 'registry'), { create: true });
    const doubts = [
      { about: 'data', words: 'validation has 3 defect pictures' } as const,
      { about: 'threshold', words: 'the threshold rejects 9 of 10' } as const,
    ];
    await registry.put((await makeArtefact({ id: 'm1', card: { doubts } })).dir);
    const weighed = await weighPromotion(registry, { id: 'm1', recipe });
    assert.match(
      weighed.summary,
      /good parts\.\nDoubted by its training: validation has 3 defect pictures\.\nDoubted .* 9 of 10\.$/,
    );
    assert.deepEqual([weighed.from, await registry.active(recipe)], [null, null]);
    const { activation, ...told } = await promote(registry, { id: 'm1', recipe, by });
    assert.deepEqual([{ from: null, ...told }, activation.modelId], [weighed, 'm1']);
    assert.equal((await weighPromotion(registry, { id: 'm1', recipe })).from, 'm1');
  });

  it('tells how much of that no verdict was given on, as a gate rejects it', async () => {
    const test = judged({ missed: 0, rejected: 4 });
    const unsure = { ...test, atThreshold: { ...test.atThreshold, inconclusive: 17 } };
    const { summary } = await promote(await registryWith({ id: 'm1', test: unsure }), { id: 'm1', recipe, by });
    assert.match(summary, /rejected 4 of 200 good parts, 17 of all 300 being INCONCLUSIVE, which is rejected\./);
  });

  for (const [name, test] of [
    ['was never tested', null],
    ['was tested on good parts alone', makeEvaluation({ positives: 0 })],
  ] as const) {
    it(`refuses a model that ${name}: PROMOTE_NO_DEFECTS`, async () => {
      const registry = await registryWith({ id: 'm1', test });
      await assert.rejects(promote(registry, { id: 'm1', recipe, by }), {
        name: 'RefusedError',
        code: 'PROMOTE_NO_DEFECTS',
      });
      assert.equal(await registry.active(recipe), null);
    });
  }

  it('takes a candidate that is as good as the active model within chance on the same pictures', async () => {
    const registry = await registryWith(
      { id: 'm1', test: judged({ missed: 2, rejected: 4 }) },
      { id: 'm2', test: judged({ missed: 3, rejected: 2 }) },
    );
    await promote(registry, { id: 'm1', recipe, by });
    const { basis, summary, activation } = await promote(registry, { id: 'm2', recipe, by });
    assert.equal(basis, 'SAME_DATA');
    assert.match(summary, /m2 missed 3 of 100 .*\nm1, active before, missed 2 of 100/);
    assert.equal(activation.previous, 'm1');
  });

  for (const [name, worse] of [
    ['misses', { missed: 15, rejected: 4 }],
    ['over-rejects', { missed: 2, rejected: 30 }],
  ] as const) {
    it(`refuses a candidate that ${name} more than chance explains: PROMOTE_WORSE`, async () => {
      const registry = await registryWith(
        { id: 'm1', test: judged({ missed: 2, rejected: 4 }) },
        { id: 'm2', test: judged(worse) },
      );
      await promote(registry, { id: 'm1', recipe, by });
      await assert.rejects(promote(registry, { id: 'm2', recipe, by }), {
        name: 'RefusedError',
        code: 'PROMOTE_WORSE',
        message: /beyond chance.* m1, active now, missed 2 of 100/,
      });
      assert.equal((await registry.active(recipe))?.modelId, 'm1');
    });
  }

  for (const [name, recipeBefore] of [
    ['nothing was active', null],
    ['another one was active', 'm0'],
  ] as const) {
    it(`refuses of two promotions at once the one whose comparison no longer holds, where ${name}: PROMOTE_OVERTAKEN`, async () => {
      const registry = await registryWith(
        { id: 'm0', test: judged({ missed: 15, rejected: 4 }) },
        { id: 'm1', test: judged({ missed: 2, rejected: 4 }) },
        { id: 'm2', test: judged({ missed: 15, rejected: 4 }) },
      );
      if (recipeBefore !== null) await promote(registry, { id: recipeBefore, recipe, by });
      const other = await Registry.open(registry.dir);
      const activate = other.activate.bind(other);
      // Both have compared before the first is written.
      other.activate = async (request) => {
        await promote(registry, { id: 'm1', recipe, by });
        return activate(request);
      };
      await assert.rejects(promote(other, { id: 'm2', recipe, by: 'Bob' }), {
        name: 'RefusedError',
        code: 'PROMOTE_OVERTAKEN',
        message: /held against (no model|m0), .* but m1 is, since .* by Ada Quality\. Run it again/,
      });
      assert.equal((await registry.active(recipe))?.modelId, 'm1');
    });
  }

  it('leaves it to the person where one network only moves its operating point', async () => {
    const registry = await registryWith(
      { id: 'm1', test: judged({ missed: 15, rejected: 4 }), weights: 'e' },
      { id: 'm2', test: judged({ missed: 2, rejected: 30 }), weights: 'e' },
    );
    await promote(registry, { id: 'm1', recipe, by });
    const { basis, summary } = await promote(registry, { id: 'm2', recipe, by });
    assert.equal(basis, 'SAME_WEIGHTS');
    assert.match(summary, /m2 missed 2 .* rejected 30 .*\nm1, active before, missed 15 .* with the same weights/);
  });

  it('says so when the two were judged on different pictures', async () => {
    const registry = await registryWith(
      { id: 'm1', test: judged({ missed: 2, rejected: 4 }) },
      { id: 'm2', test: judged({ missed: 50, rejected: 4 }), data: 1 },
    );
    await promote(registry, { id: 'm1', recipe, by });
    const { basis, summary } = await promote(registry, { id: 'm2', recipe, by });
    assert.equal(basis, 'OTHER_DATA');
    assert.match(summary, /judged on other pictures: evaluate both/);
  });

  it('needs a model of the registry and a person', async () => {
    const registry = await registryWith({ id: 'm1', test: makeEvaluation() });
    await assert.rejects(promote(registry, { id: 'm9', recipe, by }), { code: 'MODEL_UNKNOWN' });
    await assert.rejects(promote(registry, { id: 'm1', recipe, by: 'demo' }), { code: 'PROMOTE_DEMO_NAME' });
    assert.deepEqual(await registry.history(), []);
  });
});
