import { signedVerb } from './signed-verb.js';

export const promoteCommand = signedVerb('promote', 'let a model inspect a recipe from now on, in the name of a person')
  .argument('<id>', 'a model of the registry, see `lineside models list`')
  .action(async (id, options) => {
    const [{ promote, Registry }, { recipeName, registryDir }] = await Promise.all([
      import('#registry'),
      import('./registry-dir.js'),
    ]);
    const registry = await Registry.open(registryDir(options.registry));
    const recipe = recipeName(options.recipe);
    const { activation, summary } = await promote(registry, { id, recipe, by: options.by });
    process.stdout.write(
      `${activation.modelId} inspects recipe ${recipe} from now on, by ${activation.by}.\n${summary}\n`,
    );
  });
