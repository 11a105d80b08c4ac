import { Option, SubCommand } from 'nest-commander';
import { type WeightsOptions, WeightsVerb } from './weights-verb.js';

@SubCommand({ name: 'list', description: 'list the networks and the weights that are at hand' })
export class ListWeightsCommand extends WeightsVerb {
  override async run(_: string[], options: WeightsOptions & { readonly json?: boolean }): Promise<void> {
    const [{ listWeights }, { weightsDir }, { describeNetworks, formatNetworks }] = await Promise.all([
      import('#model/weights/store'),
      import('./weights-dir.js'),
      import('./format-networks.js'),
    ]);
    const weights = await listWeights(weightsDir(options.weightsDir));
    const networks = describeNetworks(weights);
    process.stdout.write(options.json ? `${JSON.stringify(networks, null, 2)}\n` : formatNetworks(networks));
  }

  @Option({ flags: '--json', description: 'print JSON, for a program to read' })
  json(): boolean {
    return true;
  }
}
