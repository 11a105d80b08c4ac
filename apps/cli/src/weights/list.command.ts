import { weightsVerb } from './weights-verb.js';

export const listWeightsCommand = weightsVerb('list', 'list the networks and the weights that are at hand')
  .option('--json', 'print JSON, for a program to read')
  .action(async (options) => {
    const [{ listWeights }, { weightsDir }, { describeNetworks, formatNetworks }] = await Promise.all([
      import('#model/weights/store'),
      import('./weights-dir.js'),
      import('./format-networks.js'),
    ]);
    const weights = await listWeights(weightsDir(options.weightsDir));
    const networks = describeNetworks(weights);
    process.stdout.write(options.json ? `${JSON.stringify(networks, null, 2)}\n` : formatNetworks(networks));
  });
