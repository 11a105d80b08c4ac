import { Command, Option } from 'nest-commander';
import { Verb } from './verb.js';

interface PromoteOptions {
  readonly by: string;
  readonly recipe?: string;
  readonly registry?: string;
}

@Command({
  name: 'promote',
  arguments: '<id>',
  argsDescription: { id: 'a model of the registry, see `lineside models list`' },
  description: 'let a model inspect a recipe from now on, in the name of a person',
})
export class PromoteCommand extends Verb {
  override async run([id = '']: string[], options: PromoteOptions): Promise<void> {
    const [{ promote, Registry }, { recipeName, registryDir }] = await Promise.all([
      import('#registry'),
      import('./registry-dir.js'),
    ]);
    const registry = await Registry.open(registryDir(options.registry));
    const recipe = recipeName(options.recipe);
    const { activation, summary } = await promote(registry, { id, recipe, by: options.by });
    process.stdout.write(
      `${activation.modelId} inspects recipe ${recipe} from now on, by ${activation.by}. ${summary}\n`,
    );
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
