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
    const recipes = new Set((await registry.history()).map(({ recipe }) => recipe));
    const active = await Promise.all([...recipes].sort().map((recipe) => registry.active(recipe)));
    const activations = active.filter((activation) => activation !== null);
    const { cards, unreadable } = await registry.list();
    process.stdout.write(formatModels(cards, activations));
    if (unreadable.length > 0) throw new InputError('CARD_INVALID', unreadable.join('\n'));
  });
