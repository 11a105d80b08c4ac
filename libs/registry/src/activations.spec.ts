import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { tempDir } from '../../../test/factories/tools.js';
import { type ActivationEntry, Activations } from './activations.js';

const entry = (modelId: string): ActivationEntry => ({
  schema: 'lineside.activation/1',
  action: 'activate',
  recipe: 'bolt',
  modelId,
  by: 'Ada',
  at: '2026-01-01T00:00:00.000Z',
});

function folders(): [string, string] {
  const dir = tempDir();
  const pair: [string, string] = [join(dir, 'activations'), join(dir, 'unfinished')];
  for (const folder of pair) mkdirSync(folder);
  return pair;
}

describe('Activations', () => {
  it('asks again when somebody else took the number', async () => {
    const [dir, scratch] = folders();
    const log = new Activations(dir, scratch);
    await log.append(async () => entry('m1'));
    const seen: number[] = [];
    await log.append(async (current) => {
      seen.push(current.length);
      if (seen.length === 1) writeFileSync(join(dir, '000001.json'), JSON.stringify(entry('theirs')));
      return entry('ours');
    });
    assert.deepEqual(seen, [1, 2]);
    assert.deepEqual(
      (await log.entries()).map(({ modelId }) => modelId),
      ['m1', 'theirs', 'ours'],
    );
    assert.deepEqual(readdirSync(scratch), []);
  });

  it('writes nothing when the decision is no', async () => {
    const [dir, scratch] = folders();
    const refuse = () => Promise.reject(new Error('no'));
    await assert.rejects(new Activations(dir, scratch).append(refuse), /no/);
    assert.deepEqual(readdirSync(dir), []);
  });

  it('says that history was changed instead of believing what is left: HISTORY_INVALID', async () => {
    const damages: ((dir: string) => void)[] = [
      (dir) => rmSync(join(dir, '000001.json')),
      (dir) => writeFileSync(join(dir, '000001.json'), '{"schema":"lineside.act'),
      (dir) => writeFileSync(join(dir, '000001.json'), JSON.stringify({ ...entry('m2'), action: 'maybe' })),
    ];
    for (const damage of damages) {
      const [dir, scratch] = folders();
      const log = new Activations(dir, scratch);
      for (const id of ['m1', 'm2', 'm3']) await log.append(async () => entry(id));
      damage(dir);
      const reopened = new Activations(dir, scratch);
      await assert.rejects(reopened.active(), {
        name: 'InputError',
        code: 'HISTORY_INVALID',
        message: /000001\.json/,
      });
    }
  });

  for (const [what, acts] of [
    ['ends earlier', ['m1']],
    ['has another act in the last place', ['m1', 'm2', 'other']],
    ['has outgrown it', ['m1', 'm2', 'other', 'm4']],
  ] as const) {
    it(`reads a history anew that was put back from a copy and ${what}, and leaves no hole in it`, async () => {
      const [dir, scratch] = folders();
      const log = new Activations(dir, scratch);
      for (const id of ['m1', 'm2', 'm3']) await log.append(async () => entry(id));
      await log.active();
      rmSync(dir, { recursive: true });
      mkdirSync(dir);
      for (const [i, id] of acts.entries()) writeFileSync(join(dir, `00000${i}.json`), JSON.stringify(entry(id)));
      assert.equal((await log.active()).get('bolt')?.modelId, acts.at(-1));
      await log.append(async () => entry('next'));
      for (const reader of [log, new Activations(dir, scratch)]) {
        const ids = (await reader.entries()).map(({ modelId }) => modelId);
        assert.deepEqual(ids, [...acts, 'next']);
      }
    });
  }

  it('is REGISTRY_STORAGE while its folder is moved away, and what it was when that is back', async () => {
    const [dir, scratch] = folders();
    const log = new Activations(dir, scratch);
    await log.append(async () => entry('m1'));
    renameSync(dir, `${dir}-away`);
    const away = { code: 'REGISTRY_STORAGE', message: /Registry cannot be used: reading .*ENOENT/ };
    for (let look = 0; look < 2; look++) await assert.rejects(log.active(), away);
    renameSync(`${dir}-away`, dir);
    assert.equal((await log.active()).get('bolt')?.modelId, 'm1');
  });

  it('reports a disk that refuses: REGISTRY_STORAGE', async () => {
    const [dir, scratch] = folders();
    rmSync(scratch, { recursive: true });
    await assert.rejects(
      new Activations(dir, scratch).append(async () => entry('m1')),
      {
        name: 'DependencyError',
        code: 'REGISTRY_STORAGE',
      },
    );
  });
});
