import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openArtefact } from '#model/artefact';
import { fp32Entry, makeArtefact } from '../../../test/factories/artefact.js';
import { tempDir } from '../../../test/factories/tools.js';
import { Activations } from './activations.js';
import { Registry } from './registry.js';

const created = (dir = join(tempDir(), 'registry')) => Registry.open(dir, { create: true });

async function withModels(...ids: string[]): Promise<Registry> {
  const registry = await created();
  for (const id of ids) await registry.put((await makeArtefact({ id })).dir);
  return registry;
}

/** What somebody with an editor does to a threshold: no file's hash tells of it. */
async function raiseThreshold(registry: Registry, id: string): Promise<void> {
  const card = { ...(await registry.card(id)), operatingPoint: { threshold: 0.99, greyZone: [0.99, 0.99] } };
  writeFileSync(join(registry.path(id), 'card.json'), JSON.stringify(card));
}

const by = 'Ada Quality';
const recipe = 'bolt';

function assertNothingHalfWritten(registry: Registry): void {
  assert.deepEqual(readdirSync(join(registry.dir, 'models')), []);
  assert.deepEqual(readdirSync(join(registry.dir, 'unfinished')), []);
}

describe('Registry.open', () => {
  it('makes a registry once and opens it again', async () => {
    const { dir } = await created();
    assert.equal((await Registry.open(dir)).isDemo, false);
    assert.equal((await Registry.open(dir, { create: true })).isDemo, false);
    assert.deepEqual((await (await Registry.open(dir)).list()).cards, []);
  });

  it('says what to do where there is none: REGISTRY_MISSING', async () => {
    await assert.rejects(Registry.open(join(tempDir(), 'nowhere')), {
      name: 'DependencyError',
      code: 'REGISTRY_MISSING',
      message: /^No registry in .*nowhere: registry\.json is not there\. Train and promote/,
    });
  });

  it('that is there and cannot be read is not called missing: REGISTRY_STORAGE', async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'registry.json'));
    await assert.rejects(Registry.open(dir), { code: 'REGISTRY_STORAGE', message: /EISDIR.*its permissions/ });
  });

  it('does not settle in a directory with other files, nor read a foreign marker: REGISTRY_INVALID', async () => {
    const dir = tempDir();
    writeFileSync(join(dir, 'holiday.jpg'), 'x');
    await assert.rejects(created(dir), { name: 'InputError', code: 'REGISTRY_INVALID', message: /found holiday\.jpg/ });
    writeFileSync(join(dir, 'registry.json'), '{"schema":"other"}');
    await assert.rejects(Registry.open(dir), { code: 'REGISTRY_INVALID' });
  });

  it('never turns a real registry into a demonstration: REGISTRY_NOT_DEMO', async () => {
    const { dir } = await created();
    await assert.rejects(Registry.open(dir, { create: true, demo: true }), {
      name: 'RefusedError',
      code: 'REGISTRY_NOT_DEMO',
    });
  });

  it('keeps a demonstration one, whoever opens it', async () => {
    const dir = join(tempDir(), 'registry');
    await Registry.open(dir, { create: true, demo: true });
    assert.equal((await Registry.open(dir)).isDemo, true);
  });

  it('finishes what a crash left of a creation', async () => {
    const dir = join(tempDir(), 'registry');
    mkdirSync(join(dir, 'models'), { recursive: true });
    await created(dir);
    assert.equal((await Registry.open(dir)).isDemo, false);
  });

  it('cannot be made where a file stands in the way: REGISTRY_STORAGE', async () => {
    const file = join(tempDir(), 'file');
    writeFileSync(file, '');
    await assert.rejects(created(join(file, 'registry')), { name: 'DependencyError', code: 'REGISTRY_STORAGE' });
  });
});

describe('Registry.put', () => {
  it('stores a model whole, and gives back its card and place', async () => {
    const registry = await created();
    const { dir, card } = await makeArtefact({ id: 'm1' });
    assert.deepEqual(await registry.put(dir), card);
    rmSync(dir, { recursive: true });
    assert.deepEqual(await registry.card('m1'), card);
    for (const file of ['card.json', ...Object.keys(card.files)])
      assert.ok(existsSync(join(registry.path('m1'), file)));
    assert.deepEqual(readdirSync(join(registry.dir, 'unfinished')), []);
  });

  it('copies the files of the card and no others', async () => {
    const { dir } = await makeArtefact({ id: 'm1' });
    writeFileSync(join(dir, 'notes.txt'), 'private');
    const registry = await created();
    await registry.put(dir);
    assert.equal(existsSync(join(registry.path('m1'), 'notes.txt')), false);
  });

  it('lists models newest first', async () => {
    const registry = await created();
    for (const [id, day] of [
      ['a', '02'],
      ['b', '03'],
      ['c', '01'],
    ]) {
      await registry.put((await makeArtefact({ id, card: { createdTs: `2026-01-${day}T00:00:00.000Z` } })).dir);
    }
    assert.deepEqual(
      (await registry.list()).cards.map(({ id }) => id),
      ['b', 'a', 'c'],
    );
  });

  it('takes the same model twice, and from several at once, as one', async () => {
    const registry = await created();
    const { dir, card } = await makeArtefact({ id: 'm1' });
    const others = await Promise.all(Array.from({ length: 4 }, () => Registry.open(registry.dir)));
    const cards = await Promise.all([registry, ...others].map((each) => each.put(dir)));
    assert.deepEqual(cards, Array(5).fill(card));
    assert.deepEqual(await registry.put(dir), card);
    assert.deepEqual(readdirSync(join(registry.dir, 'models')), ['m1']);
    assert.deepEqual(readdirSync(join(registry.dir, 'unfinished')), []);
  });

  it('refuses another model under a known id: MODEL_EXISTS', async () => {
    const registry = await withModels('m1');
    const { dir } = await makeArtefact({ id: 'm1', card: { seed: 2 } });
    await assert.rejects(registry.put(dir), { name: 'RefusedError', code: 'MODEL_EXISTS' });
    assert.equal((await registry.card('m1')).seed, 1);
  });

  for (const [name, certification] of [
    ['scores differ', { pictures: 24, maxDifference: 1.1e-4, flips: 0, runtime: 'r' }],
    ['a verdict flipped', { pictures: 24, maxDifference: 0, flips: 1, runtime: 'r' }],
    ['no picture was compared', { pictures: 0, maxDifference: 0, flips: 0, runtime: 'r' }],
  ] as const) {
    it(`refuses a model of which ${name}: CERTIFICATION_FAILED`, async () => {
      const registry = await created();
      const { dir } = await makeArtefact({ card: { precisions: [fp32Entry(certification)] } });
      await assert.rejects(registry.put(dir), { name: 'RefusedError', code: 'CERTIFICATION_FAILED' });
      assertNothingHalfWritten(registry);
    });
  }

  it('takes a difference of exactly the tolerance', async () => {
    const certification = { pictures: 1, maxDifference: 1e-4, flips: 0, runtime: 'r' };
    await (await created()).put((await makeArtefact({ card: { precisions: [fp32Entry(certification)] } })).dir);
  });

  it('refuses a changed file: MODEL_HASH', async () => {
    const registry = await created();
    const { dir } = await makeArtefact();
    writeFileSync(join(dir, 'golden/good.png'), 'other');
    await assert.rejects(registry.put(dir), { name: 'InputError', code: 'MODEL_HASH' });
    assertNothingHalfWritten(registry);
  });

  it('refuses a directory without a model: MODEL_MISSING', async () => {
    await assert.rejects((await created()).put(tempDir()), { name: 'InputError', code: 'MODEL_MISSING' });
  });

  for (const [name, card, message] of [
    ['an id that is no directory name', { id: '../m1' }, /no directory name/],
    ['a hidden id', { id: '.m1' }, /no directory name/],
    ['a good class it does not have', { good: 'ok' }, /good class ok is not among its labels/],
    [
      'a golden picture without hash',
      { golden: [{ file: 'other.png', scores: { fp32: 0 } }] },
      /other\.png has no hash/,
    ],
    ['a threshold outside of its grey zone', { operatingPoint: { threshold: 0.7, greyZone: [0.4, 0.6] } }, /threshold/],
  ] as const) {
    it(`refuses a card with ${name}: CARD_INVALID`, async () => {
      const registry = await created();
      const { dir } = await makeArtefact({ card: structuredClone(card) as object });
      await assert.rejects(registry.put(dir), { name: 'InputError', code: 'CARD_INVALID', message });
      assertNothingHalfWritten(registry);
    });
  }

  it('refuses files that would be written outside of the model: CARD_INVALID', async () => {
    const { dir, card } = await makeArtefact();
    const outside = join(dir, '..', `${card.weightsSha256}.bin`);
    writeFileSync(outside, 'weights');
    try {
      const files = { ...card.files, [`../${card.weightsSha256}.bin`]: card.weightsSha256 };
      writeFileSync(join(dir, 'card.json'), JSON.stringify({ ...card, files }));
      await assert.rejects((await created()).put(dir), { code: 'CARD_INVALID', message: /lies outside/ });
    } finally {
      rmSync(outside);
    }
  });

  it('leaves nothing behind when the disk refuses: REGISTRY_STORAGE', async () => {
    const registry = await created();
    rmSync(join(registry.dir, 'unfinished'), { recursive: true });
    writeFileSync(join(registry.dir, 'unfinished'), '');
    await assert.rejects(registry.put((await makeArtefact()).dir), {
      name: 'DependencyError',
      code: 'REGISTRY_STORAGE',
      message: /Nothing was changed/,
    });
    assert.deepEqual((await registry.list()).cards, []);
  });

  it('does not show what a crash left, and sweeps it a day later', async () => {
    const registry = await created();
    const [fresh, old] = ['m1.fresh', 'm2.old'].map((name) => join(registry.dir, 'unfinished', name));
    for (const dir of [fresh, old]) mkdirSync(dir ?? '');
    const dayBefore = new Date(Date.now() - 25 * 3_600_000);
    utimesSync(old ?? '', dayBefore, dayBefore);
    assert.deepEqual((await registry.list()).cards, []);
    await registry.put((await makeArtefact()).dir);
    assert.deepEqual(readdirSync(join(registry.dir, 'unfinished')), ['m1.fresh']);
  });
});

describe('Registry.card and path', () => {
  it('know no other models: MODEL_UNKNOWN', async () => {
    const registry = await withModels('m1');
    for (const id of ['m2', '', '.', '..', '../models/m1', 'm1/golden']) {
      const unknown = { name: 'InputError', code: 'MODEL_UNKNOWN' };
      await assert.rejects(registry.card(id), unknown);
      assert.throws(() => registry.path(id), unknown);
    }
  });

  it('name a card that was changed by hand, CARD_INVALID, and list the others', async () => {
    const registry = await withModels('m1', 'm2');
    writeFileSync(join(registry.path('m2'), 'card.json'), '{');
    await assert.rejects(registry.card('m2'), { code: 'CARD_INVALID', message: /m2.card\.json/ });
    const { cards, unreadable } = await registry.list();
    assert.deepEqual(
      cards.map(({ id }) => id),
      ['m1'],
    );
    assert.match(unreadable.join(), /^Model card [^,]*m2.card\.json cannot be read/);
  });
});

describe('Registry.activate', () => {
  it('makes a model active for its recipe alone', async () => {
    const registry = await withModels('m1', 'm2');
    assert.equal(await registry.active(recipe), null);
    const activation = await registry.activate({ id: 'm1', recipe, by: `  ${by} ` });
    const { cardSha256 } = await openArtefact(registry.path('m1'));
    assert.deepEqual({ ...activation, at: '' }, { recipe, modelId: 'm1', by, previous: null, at: '', cardSha256 });
    assert.ok(Math.abs(Date.parse(activation.at) - Date.now()) < 60_000);
    await registry.activate({ id: 'm2', recipe: 'nut', by });
    assert.deepEqual(await registry.active(recipe), activation);
    assert.equal((await registry.active('nut'))?.modelId, 'm2');
  });

  it('is seen by every other process that has the registry open', async () => {
    const registry = await withModels('m1', 'm2');
    const other = await Registry.open(registry.dir);
    await registry.activate({ id: 'm1', recipe, by });
    assert.equal((await other.active(recipe))?.modelId, 'm1');
    await other.activate({ id: 'm2', recipe, by });
    const { modelId, previous } = (await registry.active(recipe)) ?? {};
    assert.deepEqual([modelId, previous], ['m2', 'm1']);
  });

  it('is told of all recipes at once, worked out anew only where somebody acted', async () => {
    const registry = await withModels('m1', 'm2');
    await registry.activate({ id: 'm1', recipe, by });
    await registry.activate({ id: 'm2', recipe: 'nut', by });
    const before = await registry.activations();
    assert.deepEqual(
      [...before.values()].map(({ modelId }) => modelId),
      ['m1', 'm2'],
    );
    assert.equal(await registry.activations(), before);
    await (await Registry.open(registry.dir)).activate({ id: 'm1', recipe: 'nut', by });
    assert.deepEqual(
      [...(await registry.activations()).values()],
      [await registry.active(recipe), await registry.active('nut')],
    );
    assert.equal((await registry.active('nut'))?.previous, 'm2');
  });

  it('keeps every act of many people at once', async () => {
    const registry = await withModels('m1', 'm2');
    const people = Array.from({ length: 12 }, (_, i) => `person ${i}`);
    await Promise.all(
      people.map(async (name, i) => {
        const own = i % 3 === 0 ? registry : await Registry.open(registry.dir);
        await own.activate({ id: i % 2 === 0 ? 'm1' : 'm2', recipe: i % 4 < 2 ? recipe : 'nut', by: name });
        await own.active(recipe);
      }),
    );
    const history = await registry.history();
    assert.deepEqual(history.map((entry) => entry.by).sort(), people.sort());
    assert.deepEqual(await (await Registry.open(registry.dir)).history(), history);
    assert.equal((await registry.history('nut')).length, 6);
  });

  for (const name of ['', '   ', 'a\nb', 'x'.repeat(129)]) {
    it(`refuses ${JSON.stringify(name.slice(0, 9))} as a person: PROMOTE_NAME`, async () => {
      const registry = await withModels('m1');
      const refused = { name: 'RefusedError', code: 'PROMOTE_NAME' };
      await assert.rejects(registry.activate({ id: 'm1', recipe, by: name }), refused);
      await assert.rejects(registry.rollback({ recipe, by: name }), refused);
      assert.deepEqual(await registry.history(), []);
    });
  }

  for (const name of ['demo', 'DEMO', ' Demo ']) {
    it(`refuses the name ${JSON.stringify(name)} outside of a demonstration: PROMOTE_DEMO_NAME`, async () => {
      const registry = await withModels('m1');
      const refused = { name: 'RefusedError', code: 'PROMOTE_DEMO_NAME' };
      await assert.rejects(registry.activate({ id: 'm1', recipe, by: name }), refused);
      await assert.rejects(registry.rollback({ recipe, by: name }), refused);
    });
  }

  it('takes the name demo, and people as well, in a demonstration', async () => {
    const registry = await Registry.open(join(tempDir(), 'registry'), { create: true, demo: true });
    await registry.put((await makeArtefact({ id: 'm1' })).dir);
    assert.equal((await registry.activate({ id: 'm1', recipe, by: 'demo' })).by, 'demo');
    assert.equal((await registry.activate({ id: 'm1', recipe, by })).by, by);
  });

  it('refuses a model that is not in the registry: MODEL_UNKNOWN', async () => {
    const registry = await withModels('m1');
    for (const id of ['m2', '..', '']) {
      await assert.rejects(registry.activate({ id, recipe, by }), { name: 'RefusedError', code: 'MODEL_UNKNOWN' });
    }
  });

  it('refuses a model that was changed since it was stored: MODEL_HASH', async () => {
    const registry = await withModels('m1');
    writeFileSync(join(registry.path('m1'), 'model.onnx'), 'other');
    await assert.rejects(registry.activate({ id: 'm1', recipe, by }), { code: 'MODEL_HASH' });
    assert.equal(await registry.active(recipe), null);
  });

  it('keeps the hash of the card, and refuses the model once its card is another: MODEL_HASH', async () => {
    const registry = await withModels('m1');
    const { cardSha256 } = await openArtefact(registry.path('m1'));
    assert.equal((await registry.activate({ id: 'm1', recipe, by })).cardSha256, cardSha256);
    await raiseThreshold(registry, 'm1');
    await assert.rejects(registry.activate({ id: 'm1', recipe: 'nut', by }), { code: 'MODEL_HASH' });
    assert.equal((await registry.active(recipe))?.cardSha256, cardSha256);
  });

  it('knows no hash from a history of versions that wrote none, and keeps one from the next act on', async () => {
    const registry = await withModels('m1');
    const old = {
      schema: 'lineside.activation/1',
      action: 'activate',
      recipe,
      modelId: 'm1',
      by,
      at: '2026-01-31T14:05:00.000Z',
    };
    writeFileSync(join(registry.dir, 'activations', '000000.json'), JSON.stringify(old));
    assert.equal((await registry.active(recipe))?.cardSha256, null);
    assert.match((await registry.activate({ id: 'm1', recipe, by })).cardSha256 ?? '', /^[0-9a-f]{64}$/);
  });

  it('refuses a recipe that is no name: RECIPE_NAME', async () => {
    const registry = await withModels('m1');
    for (const wrong of ['', 'Bolt', 'a/b', '+']) {
      await assert.rejects(registry.activate({ id: 'm1', recipe: wrong, by }), {
        name: 'InputError',
        code: 'RECIPE_NAME',
        message: /expected lower case letters/,
      });
    }
  });
});

describe('Registry.rollback', () => {
  it('goes back one model at a time and never to the one just left', async () => {
    const registry = await withModels('m1', 'm2', 'm3');
    for (const id of ['m1', 'm2', 'm3']) await registry.activate({ id, recipe, by });
    const back = await registry.rollback({ recipe, by: 'Ben' });
    assert.deepEqual([back.modelId, back.previous, back.by], ['m2', 'm1', 'Ben']);
    assert.equal((await registry.rollback({ recipe, by })).modelId, 'm1');
    await assert.rejects(registry.rollback({ recipe, by }), {
      name: 'RefusedError',
      code: 'NOTHING_TO_ROLL_BACK',
      message: /no earlier model to return to than m1/,
    });
    await registry.activate({ id: 'm3', recipe, by });
    assert.equal((await registry.rollback({ recipe, by })).modelId, 'm1');
    assert.deepEqual(
      (await registry.history(recipe)).map(({ action, modelId }) => `${action} ${modelId}`),
      ['activate m1', 'activate m2', 'activate m3', 'rollback m2', 'rollback m1', 'activate m3', 'rollback m1'],
    );
  });

  it('leaves a model that was activated twice in a row as one', async () => {
    const registry = await withModels('m1', 'm2');
    for (const id of ['m1', 'm2', 'm2']) await registry.activate({ id, recipe, by });
    assert.equal((await registry.rollback({ recipe, by })).modelId, 'm1');
  });

  it('has nothing to return to before the first activation: NOTHING_TO_ROLL_BACK', async () => {
    await assert.rejects((await created()).rollback({ recipe, by }), {
      code: 'NOTHING_TO_ROLL_BACK',
      message: /nothing was ever activated/,
    });
  });

  it('does not go back two models when two people leave the same one: ROLLBACK_OVERTAKEN', async () => {
    const registry = await withModels('m1', 'm2', 'm3');
    for (const id of ['m1', 'm2', 'm3']) await registry.activate({ id, recipe, by });
    await registry.rollback({ recipe, by, from: 'm3' });
    await assert.rejects(registry.rollback({ recipe, by: 'Ben', from: 'm3' }), {
      name: 'RefusedError',
      code: 'ROLLBACK_OVERTAKEN',
      message: /expected to leave m3, but m2 is active/,
    });
    assert.equal((await registry.active(recipe))?.modelId, 'm2');
  });

  it('answers for the model it returns to, also where others act while that one is checked', async ({ mock }) => {
    const registry = await withModels('m1', 'm2', 'm3');
    for (const id of ['m1', 'm2']) await registry.activate({ id, recipe, by });
    const other = await Registry.open(registry.dir);
    const { append } = Activations.prototype;
    mock.method(
      Activations.prototype,
      'append',
      async function (this: Activations, decide: Parameters<typeof append>[0]) {
        mock.restoreAll();
        let isChecked = false;
        return append.call(this, async (current) => {
          const act = await decide(current);
          if (!isChecked) {
            isChecked = true;
            await other.rollback({ recipe, by: 'Ben' });
            for (const id of ['m3', 'm2']) await other.activate({ id, recipe, by: 'Ben' });
          }
          return act;
        });
      },
    );
    const back = await registry.rollback({ recipe, by, from: 'm2' });
    const { cardSha256 } = await openArtefact(registry.path('m3'));
    assert.deepEqual([back.modelId, back.cardSha256], ['m3', cardSha256]);
    assert.equal((await registry.history()).at(-1)?.cardSha256, cardSha256);
  });

  it('does not return to a model that was changed: MODEL_HASH', async () => {
    const registry = await withModels('m1', 'm2');
    for (const id of ['m1', 'm2']) await registry.activate({ id, recipe, by });
    await raiseThreshold(registry, 'm1');
    await assert.rejects(registry.rollback({ recipe, by }), { code: 'MODEL_HASH', message: /Card of model m1/ });
    writeFileSync(join(registry.path('m1'), 'model.onnx'), 'other');
    await assert.rejects(registry.rollback({ recipe, by }), { code: 'MODEL_HASH' });
    assert.equal((await registry.active(recipe))?.modelId, 'm2');
  });
});
