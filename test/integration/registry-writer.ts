import { Registry } from '#registry';
import { makeArtefact } from '../factories/artefact.js';

// A process that stores and activates one model after the other until it is killed; see registry-crash.spec.ts.
const [, , dir = '', artefacts = ''] = process.argv;
const registry = await Registry.open(dir, { create: true });
for (let i = 0; ; i++) {
  const id = `m${i}`;
  const { card } = await makeArtefact({ id, dir: `${artefacts}/${id}` });
  await registry.put(`${artefacts}/${id}`);
  await registry.activate({ id, recipe: 'bolt', by: 'Ada' });
  process.send?.(card.id);
}
