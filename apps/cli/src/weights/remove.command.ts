import { weightsVerb } from './weights-verb.js';

export const removeWeightsCommand = weightsVerb(
  'remove',
  'take imported weights out of the store; models trained from them stay as they are',
)
  .argument('<id>', 'imported weights, see `lineside weights list`')
  .action(async (id, options) => {
    const [{ removeWeights }, { weightsDir }] = await Promise.all([
      import('#model/weights/store'),
      import('./weights-dir.js'),
    ]);
    await removeWeights(id, weightsDir(options.weightsDir));
    process.stdout.write(`Removed ${id}.\n`);
  });
