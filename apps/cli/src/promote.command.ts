import { RECIPE, REGISTRY } from './shared-options.js';
import { verb } from './verb.js';

export const promoteCommand = verb('promote', 'let a model inspect a recipe from now on, in the name of a person')
  .argument('<id>', 'a model of the registry, see `lineside models list`')
  .option(
    '--by <name>',
    'the person who answers for it; without it what there is to know is shown and nothing promoted',
  )
  .addOption(RECIPE)
  .addOption(REGISTRY)
  .action(async (id, options) => {
    const [{ promote, Registry, weighPromotion }, { recipeName, registryDir }] = await Promise.all([
      import('#registry'),
      import('./registry-dir.js'),
    ]);
    const registry = await Registry.open(registryDir(options.registry));
    const recipe = recipeName(options.recipe);
    const { by } = options;
    if (by === undefined) {
      const { summary } = await weighPromotion(registry, { id, recipe });
      process.stdout.write(
        `${summary}\nNothing was promoted. With --by NAME ${id} inspects recipe ${recipe}, and NAME answers for it.\n`,
      );
      return;
    }
    const { activation, summary } = await promote(registry, { id, recipe, by });
    process.stdout.write(
      `${activation.modelId} inspects recipe ${recipe} from now on, by ${activation.by}.\n${summary}\n`,
    );
  });
