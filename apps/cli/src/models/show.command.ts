import { REGISTRY } from '../shared-options.js';
import { verb } from '../verb.js';

export const showModelCommand = verb('show', 'print the card of a model as JSON')
  .argument('<id>', 'a model of the registry, see `lineside models list`')
  .addOption(REGISTRY)
  .action(async (id, options) => {
    const [{ Registry }, { registryDir }] = await Promise.all([import('#registry'), import('../registry-dir.js')]);
    const registry = await Registry.open(registryDir(options.registry));
    process.stdout.write(`${JSON.stringify(await registry.card(id), null, 2)}\n`);
  });
