import { SubCommand } from 'nest-commander';
import { type SignedOptions, SignedVerb } from '../signed-verb.js';

@SubCommand({ name: 'rollback', description: 'return to the model that was active before, in the name of a person' })
export class RollbackCommand extends SignedVerb {
  override async run(_: string[], options: SignedOptions): Promise<void> {
    const [{ Registry }, { recipeName, registryDir }] = await Promise.all([
      import('#registry'),
      import('../registry-dir.js'),
    ]);
    const registry = await Registry.open(registryDir(options.registry));
    const recipe = recipeName(options.recipe);
    const { modelId, by } = await registry.rollback({ recipe, by: options.by });
    process.stdout.write(`${modelId} inspects recipe ${recipe} again, by ${by}.\n`);
  }
}
