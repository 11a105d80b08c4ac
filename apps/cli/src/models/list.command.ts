import { Option, SubCommand } from 'nest-commander';
import { Verb } from '../verb.js';

@SubCommand({ name: 'list', description: 'list the models of the registry and what they inspect, newest first' })
export class ListModelsCommand extends Verb {
  override async run(_: string[], options: { readonly registry?: string }): Promise<void> {
    const [{ Registry }, { registryDir }, { formatModels }] = await Promise.all([
      import('#registry'),
      import('../registry-dir.js'),
      import('./format-models.js'),
    ]);
    const registry = await Registry.open(registryDir(options.registry));
    const recipes = new Set((await registry.history()).map(({ recipe }) => recipe));
    const active = await Promise.all([...recipes].sort().map((recipe) => registry.active(recipe)));
    const activations = active.filter((activation) => activation !== null);
    process.stdout.write(formatModels(await registry.list(), activations));
  }

  @Option({ flags: '--registry <dir>', description: 'where models live; default from the configuration' })
  registry(text: string): string {
    return text;
  }
}
