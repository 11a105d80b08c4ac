import { join } from 'node:path';
import { parseCount } from '../option-values.js';
import { verb } from '../verb.js';

export const compareShadowCommand = verb(
  'compare',
  'where a shadow challenger would have decided otherwise, frame by frame',
)
  .requiredOption('--line <dir>', 'data folder of the inspector whose word counts')
  .requiredOption('--shadow <dir>', 'data folder of its shadow')
  .option('--limit <count>', 'disagreements listed at most, the newest first', parseCount, 20)
  .option('--json', 'as JSON')
  .action(async ({ line, shadow, limit, json }) => {
    const [{ compareLedgers }, { formatComparison }] = await Promise.all([
      import('../../../inspector/src/shadow/compare-ledgers.js'),
      import('./format-comparison.js'),
    ]);
    const ledgerOf = (dataDir: string): string => join(dataDir, 'ledger.sqlite');
    const comparison = compareLedgers({ line: ledgerOf(line), shadow: ledgerOf(shadow), limit });
    process.stdout.write(json ? `${JSON.stringify(comparison, null, 2)}\n` : formatComparison(comparison));
  });
