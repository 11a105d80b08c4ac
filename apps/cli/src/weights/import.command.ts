import { SubCommand } from 'nest-commander';
import { Verb } from '../verb.js';

@SubCommand({
  name: 'import',
  arguments: '<file>',
  argsDescription: { file: 'a .safetensors checkpoint of a network this installation knows' },
  description: 'put a checkpoint where trainings find it; refuses what it cannot read or does not know',
})
export class ImportWeightsCommand extends Verb {
  override async run([file = '']: string[]): Promise<void> {
    const { importWeights } = await import('./import-weights.js');
    const { id, isNew } = await importWeights(file);
    process.stdout.write(isNew ? `Imported ${id}.\n` : `${id} is here already.\n`);
  }
}
