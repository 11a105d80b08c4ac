import { REGISTRY } from '../shared-options.js';
import { verb } from '../verb.js';

export const initModelsCommand = verb('init', 'make an empty registry; an existing one stays as it is')
  .option('--demo', 'of a demonstration: the name `demo` may promote; cannot be changed later')
  .addOption(REGISTRY)
  .action(async (options) => {
    const [{ Registry }, { registryDir }] = await Promise.all([import('#registry'), import('../registry-dir.js')]);
    const isDemo = options.demo ?? false;
    const registry = await Registry.open(registryDir(options.registry), { create: true, demo: isDemo });
    process.stdout.write(`Registry ${registry.dir} is ready${registry.isDemo ? ' for a demonstration' : ''}.\n`);
  });
