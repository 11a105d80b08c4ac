import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openArtefact } from '#model/artefact';
import { Registry } from '#registry';
import { tempDir } from '../factories/tools.js';

/** Ids that the writing process reported as stored and activated before it was killed in the middle of the next ones. */
async function killWriter(dir: string, artefacts: string, after: number): Promise<string[]> {
  const writer = fork(new URL('./registry-writer.js', import.meta.url), [dir, artefacts]);
  const acknowledged: string[] = [];
  writer.on('message', (id: string) => {
    acknowledged.push(id);
    if (acknowledged.length === after) writer.kill('SIGKILL');
  });
  await once(writer, 'close');
  return acknowledged;
}

describe('a registry whose writer is killed', () => {
  for (const after of [1, 3, 8]) {
    it(`has everything it acknowledged and nothing by halves, killed after ${after} models`, async () => {
      const dir = join(tempDir(), 'registry');
      const acknowledged = await killWriter(dir, tempDir(), after);
      assert.ok(acknowledged.length >= after);
      const registry = await Registry.open(dir);
      const ids = (await registry.list()).cards.map(({ id }) => id);
      for (const id of ids) await openArtefact(registry.path(id));
      const activated = (await registry.history()).map(({ modelId }) => modelId);
      for (const id of acknowledged) assert.ok(ids.includes(id) && activated.includes(id), `${id} is there`);
      assert.equal((await registry.active('bolt'))?.modelId, activated.at(-1));
      await registry.activate({ id: 'm0', recipe: 'bolt', by: 'Ada' });
      assert.equal((await registry.active('bolt'))?.modelId, 'm0');
    });
  }
});
