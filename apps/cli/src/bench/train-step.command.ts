import { each, oneOf, parseCount } from '../option-values.js';
import { verb } from '../verb.js';

/** As in `#model/backend/choose`, which is not loaded for a look at --help; software adapters are for tests. */
const BACKENDS = ['tensorflow', 'webgpu', 'wasm'] as const;

export const benchTrainStepCommand = verb(
  'train-step',
  'ms per picture of one fine-tuning step of EfficientNet-Lite0, per backend',
)
  .option('--backend <name>', `${BACKENDS.join(', ')}; repeatable; default all that are here`, each(oneOf(BACKENDS)))
  .option('--freeze <block>', 'first open block; block6b opens the last four', 'block6b')
  .option('--batch <count>', 'pictures of a step', parseCount, 32)
  .option('--rounds <count>', 'turns of each contender', parseCount, 5)
  .option('--steps <count>', 'steps of a turn', parseCount, 4)
  .option('--python <path>', 'a Python with torch, which does the same step')
  .option('--json', 'for a program that reads it')
  .action(async ({ freeze, batch, rounds, steps, ...flags }) => {
    const [{ benchTrainStep }, { printTable }] = await Promise.all([
      import('./train-step.js'),
      import('../print-table.js'),
    ]);
    const rows = await benchTrainStep({
      ...{ freeze, batch, rounds, steps },
      backends: flags.backend ?? BACKENDS,
      python: flags.python ?? null,
      onTrouble: (words) => process.stderr.write(`${words}\n`),
    });
    if (flags.json) {
      process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
      return;
    }
    printTable(
      ['STEP IN', 'MS/PICTURE', 'TO PYTORCH', 'WITH'],
      rows.map(({ name, msPerPicture, toPyTorch, words }) => [
        name,
        msPerPicture.toFixed(2),
        toPyTorch?.toFixed(2) ?? '-',
        words,
      ]),
    );
  });
