import { Option, SubCommand } from 'nest-commander';
import { Verb } from '../verb.js';

interface RollbackOptions {
  readonly by: string;
  readonly recipe?: string;
  readonly registry?: string;
}

@SubCommand({ name: 'rollback', description: 'return to the model that was active before, in the name of a person' })
export class RollbackCommand extends Verb {
  override async run(_: string[], options: RollbackOptions): Promise<void> {
    const [{ Registry }, { recipeName, registryDir }] = await Promise.all([
      import('#registry'),
      import('../registry-dir.js'),
    ]);
    const registry = await Registry.open(registryDir(options.registry));
    const recipe = recipeName(options.recipe);
    const { modelId, by } = await registry.rollback({ recipe, by: options.by });
    process.stdout.write(`${modelId} inspects recipe ${recipe} again, by ${by}.\n`);
  }

  @Option({ flags: '--by <name>', description: 'the person who answers for it', required: true })
  by(text: string): string {
    return text;
  }

  @Option({ flags: '--recipe <name>', description: 'default: the only recipe of the configuration' })
  recipe(text: string): string {
    return text;
  }

  @Option({ flags: '--registry <dir>', description: 'where models live; default from the configuration' })
  registry(text: string): string {
    return text;
  }
}
