import { Option, SubCommand } from 'nest-commander';
import { Verb } from '../verb.js';

interface InitOptions {
  readonly demo?: boolean;
  readonly registry?: string;
}

@SubCommand({ name: 'init', description: 'make an empty registry; an existing one stays as it is' })
export class InitModelsCommand extends Verb {
  override async run(_: string[], options: InitOptions): Promise<void> {
    const [{ Registry }, { registryDir }] = await Promise.all([import('#registry'), import('../registry-dir.js')]);
    const isDemo = options.demo ?? false;
    const registry = await Registry.open(registryDir(options.registry), { create: true, demo: isDemo });
    process.stdout.write(`Registry ${registry.dir} is ready${registry.isDemo ? ' for a demonstration' : ''}.\n`);
  }

  @Option({ flags: '--demo', description: 'of a demonstration: the name `demo` may promote; cannot be changed later' })
  demo(): boolean {
    return true;
  }

  @Option({ flags: '--registry <dir>', description: 'where models live; default from the configuration' })
  registry(text: string): string {
    return text;
  }
}
