import { SubCommand } from 'nest-commander';
import { type WeightsOptions, WeightsVerb } from './weights-verb.js';

@SubCommand({
  name: 'remove',
  arguments: '<id>',
  argsDescription: { id: 'imported weights, see `lineside weights list`' },
  description: 'take imported weights out of the store; models trained from them stay as they are',
})
export class RemoveWeightsCommand extends WeightsVerb {
  override async run([id = '']: string[], options: WeightsOptions): Promise<void> {
    const [{ removeWeights }, { weightsDir }] = await Promise.all([
      import('#model/weights/store'),
      import('./weights-dir.js'),
    ]);
    await removeWeights(id, weightsDir(options.weightsDir));
    process.stdout.write(`Removed ${id}.\n`);
  }
}
