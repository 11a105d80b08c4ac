import { SubCommand } from 'nest-commander';
import { type WeightsOptions, WeightsVerb } from './weights-verb.js';

@SubCommand({
  name: 'show',
  arguments: '<id>',
  argsDescription: { id: 'see `lineside weights list`' },
  description: 'print the record of weights as JSON: licence, origin, hash, what the network reads',
})
export class ShowWeightsCommand extends WeightsVerb {
  override async run([id = '']: string[], options: WeightsOptions): Promise<void> {
    const [{ findWeights }, { weightsDir }] = await Promise.all([
      import('#model/weights/store'),
      import('./weights-dir.js'),
    ]);
    const { backbone, file, ...record } = await findWeights(id, weightsDir(options.weightsDir));
    process.stdout.write(`${JSON.stringify({ ...record, backbone: backbone.name, file: file.pathname }, null, 2)}\n`);
  }
}
