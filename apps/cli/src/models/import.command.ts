import { REGISTRY } from '../shared-options.js';
import { verb } from '../verb.js';

export const importModelCommand = verb(
  'import',
  'put a model that was trained elsewhere into the registry; it inspects nothing until it is promoted',
)
  .argument('<folder>', 'its folder: the run’s --out, or models/ID of another registry')
  .addOption(REGISTRY)
  .action(async (folder, options) => {
    const [{ Registry }, { registryDir }] = await Promise.all([import('#registry'), import('../registry-dir.js')]);
    const registry = await Registry.open(registryDir(options.registry), { create: true });
    const { id } = await registry.put(folder);
    process.stdout.write(`${id} is in registry ${registry.dir}. lineside promote lets it inspect.\n`);
  });
