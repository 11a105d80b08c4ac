import { Option, SubCommand } from 'nest-commander';
import { Verb } from '../verb.js';

@SubCommand({
  name: 'show',
  arguments: '<id>',
  argsDescription: { id: 'a model of the registry, see `lineside models list`' },
  description: 'print the card of a model as JSON',
})
export class ShowModelCommand extends Verb {
  override async run([id = '']: string[], options: { readonly registry?: string }): Promise<void> {
    const [{ Registry }, { registryDir }] = await Promise.all([import('#registry'), import('../registry-dir.js')]);
    const registry = await Registry.open(registryDir(options.registry));
    process.stdout.write(`${JSON.stringify(await registry.card(id), null, 2)}\n`);
  }

  @Option({ flags: '--registry <dir>', description: 'where models live; default from the configuration' })
  registry(text: string): string {
    return text;
  }
}
