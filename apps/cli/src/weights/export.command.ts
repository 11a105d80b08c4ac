import { parseNumber, parseTarget } from '../option-values.js';
import { weightsVerb } from './weights-verb.js';

export const exportWeightsCommand = weightsVerb(
  'export',
  'write a network without a head as ONNX: uint8 NHWC RGB in, last feature map and embedding out',
)
  .requiredOption('--backbone <name>', 'network, see `weights list`')
  .requiredOption('--onnx <file>', 'where the graph goes', parseTarget)
  .option('--weights <id>', 'of `weights list`; without, weights by formula that learned nothing')
  .option('--variant <library>', 'whose construction to fill by formula; weights have their own')
  .option('--size <pixels>', 'side of the square input; default what the network was made for', parseNumber)
  .option('--gain <number>', 'centre of the norms’ gamma in the formula, default 1', parseNumber)
  .action(async (options) => {
    const [{ exportBase }, { weightsDir }] = await Promise.all([
      import('./export-base.js'),
      import('./weights-dir.js'),
    ]);
    const words = await exportBase({ ...options, dir: weightsDir(options.weightsDir) });
    process.stdout.write(`${words}\n`);
  });
