import { PRECISIONS, RUNTIMES } from '#contracts';
import { each, oneOf, parseCount, parseWord } from '../option-values.js';
import { verb } from '../verb.js';
import type { InferenceRow } from './inference.js';

export const benchInferenceCommand = verb(
  'inference',
  'ms per picture from prepared pictures to scores, beside a bare ONNX Runtime loop; one thread',
)
  .option('--backbone <name>', 'network, repeatable, or all; default efficientnet-lite0', each(parseWord))
  .option('--runtime <name>', `${RUNTIMES.join(', ')}; repeatable; default those that are here`, each(oneOf(RUNTIMES)))
  .option('--precision <name>', `${PRECISIONS.join(', ')}; repeatable; default all`, each(oneOf(PRECISIONS)))
  .option('--batch <count>', 'pictures of a run, repeatable; default 1 and 8', each(parseCount))
  .option('--pictures <count>', 'pictures for every contender at least', parseCount, 100)
  .option('--guard', 'with the guard beside the classifier, as trained models have it')
  .option('--json', 'for a program that reads it')
  .action(async (flags) => {
    const [{ benchInference }, { printTable }, { BACKBONES }, { findRuntimes }] = await Promise.all([
      import('./inference.js'),
      import('../print-table.js'),
      import('#model/backbones/find'),
      import('#model/runtime/find-runtimes'),
    ]);
    const { backbone = ['efficientnet-lite0'], batch = [1, 8] } = flags;
    const rows: InferenceRow[] = [];
    await benchInference({
      backbones: backbone.includes('all') ? BACKBONES.map(({ name }) => name) : backbone,
      runtimes: flags.runtime ?? (await findRuntimes()),
      precisions: flags.precision ?? PRECISIONS,
      batches: batch,
      pictures: flags.pictures,
      isGuarded: flags.guard ?? false,
      onTrouble: (words) => process.stderr.write(`${words}\n`),
      onRow: (row) => {
        rows.push(row);
        process.stderr.write(`${cells(row).join('  ')}\n`);
      },
    });
    if (flags.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    else printTable(HEAD, rows.map(cells));
  });

const HEAD = ['NETWORK', 'RUNTIME', 'PRECISION', 'BATCH', 'MS/PICTURE', 'BARE', 'TO BARE', 'X FP32'];

function cells({ backbone, runtime, precision, batch, ms, bareMs, fasterThanFp32 }: InferenceRow): string[] {
  const toBare = bareMs === null ? '-' : (ms / bareMs).toFixed(2);
  const speed = [ms.toFixed(2), bareMs?.toFixed(2) ?? '-', toBare, fasterThanFp32?.toFixed(2) ?? '-'];
  return [backbone, runtime, precision, String(batch), ...speed];
}
