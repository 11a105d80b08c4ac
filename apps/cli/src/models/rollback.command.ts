import { signedVerb } from '../signed-verb.js';

export const rollbackCommand = signedVerb(
  'rollback',
  'return to the model that was active before, in the name of a person',
).action(async (options) => {
  const [{ Registry }, { recipeName, registryDir }] = await Promise.all([
    import('#registry'),
    import('../registry-dir.js'),
  ]);
  const registry = await Registry.open(registryDir(options.registry));
  const recipe = recipeName(options.recipe);
  const { modelId, by } = await registry.rollback({ recipe, by: options.by });
  process.stdout.write(`${modelId} inspects recipe ${recipe} again, by ${by}.\n`);
});
