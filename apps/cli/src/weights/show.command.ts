import { weightsVerb } from './weights-verb.js';

export const showWeightsCommand = weightsVerb(
  'show',
  'print the record of weights as JSON: licence, origin, hash, what the network reads',
)
  .argument('<id>', 'see `lineside weights list`')
  .action(async (id, options) => {
    const [{ findWeights }, { weightsDir }] = await Promise.all([
      import('#model/weights/store'),
      import('./weights-dir.js'),
    ]);
    const { backbone, file, ...record } = await findWeights(id, weightsDir(options.weightsDir));
    process.stdout.write(`${JSON.stringify({ ...record, backbone: backbone.name, file: file.pathname }, null, 2)}\n`);
  });
