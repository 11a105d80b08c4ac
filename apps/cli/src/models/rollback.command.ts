import { BY, RECIPE, REGISTRY } from '../shared-options.js';
import { verb } from '../verb.js';

export const rollbackCommand = verb('rollback', 'return to the model that was active before, in the name of a person')
  .addOption(BY)
  .addOption(RECIPE)
  .addOption(REGISTRY)
  .action(async (options) => {
    const [{ Registry }, { recipeName, registryDir }] = await Promise.all([
      import('#registry'),
      import('../registry-dir.js'),
    ]);
    const registry = await Registry.open(registryDir(options.registry));
    const recipe = recipeName(options.recipe);
    const { modelId, by } = await registry.rollback({ recipe, by: options.by });
    process.stdout.write(`${modelId} inspects recipe ${recipe} again, by ${by}.\n`);
  });
