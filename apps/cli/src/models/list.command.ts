import { InputError } from '#contracts';
import { REGISTRY } from '../shared-options.js';
import { verb } from '../verb.js';

export const listModelsCommand = verb('list', 'list the models of the registry and what they inspect, newest first')
  .addOption(REGISTRY)
  .action(async (options) => {
    const [{ Registry }, { registryDir }, { formatModels }] = await Promise.all([
      import('#registry'),
      import('../registry-dir.js'),
      import('./format-models.js'),
    ]);
    const registry = await Registry.open(registryDir(options.registry));
    const active = [...(await registry.activations()).values()];
    const byRecipe = active.sort((a, b) => (a.recipe < b.recipe ? -1 : 1));
    const { cards, unreadable } = await registry.list();
    process.stdout.write(formatModels(cards, byRecipe));
    if (unreadable.length > 0) throw new InputError('CARD_INVALID', unreadable.join('\n'));
  });
