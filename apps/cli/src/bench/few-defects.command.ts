import { dataVerb } from '../data-verb.js';
import { parseCount, parseSetting, parseTargetFolder } from '../option-values.js';
import type { FewDefectsRow } from './few-defects.js';

/** Defect pictures in training, before all there are. */
const COUNTS = [0, 5, 10, 25, 50, 100];

export const benchFewDefectsCommand = dataVerb(
  'few-defects',
  'classifier with few defect pictures in training beside one-class mode; goes on where it was stopped',
)
  .requiredOption('--out <dir>', 'where the runs are kept', parseTargetFolder)
  .option('--set <key=value>', 'one choice of every plan, repeatable', parseSetting)
  .option('--seed <number>', 'draws the defects and seeds the runs', parseCount, 1)
  .action(async (flags) => {
    const [{ benchFewDefects }, { printTable }, { weightsDir }] = await Promise.all([
      import('./few-defects.js'),
      import('../print-table.js'),
      import('../weights/weights-dir.js'),
    ]);
    const { data, split, good, group, out, set: settings = {}, seed } = flags;
    const rows = await benchFewDefects({
      ...{ data, split, good, group, out, settings, seed },
      counts: COUNTS,
      weightsDir: weightsDir(undefined),
      onRow: (row) => process.stderr.write(`${cells(row).join('  ')}\n`),
    });
    printTable(['DEFECTS', 'MODE', 'AUROC', 'MAX F1', 'OVERKILL AT 95 %'], rows.map(cells));
  });

function cells({ mode, defects, figures, refused }: FewDefectsRow): string[] {
  const shown =
    figures === null
      ? [refused ?? '-', '-', '-']
      : [
          figures.auroc.toFixed(4),
          figures.maxF1.toFixed(3),
          `${(100 * figures.overkillAtRecall['0.95']).toFixed(1)} %`,
        ];
  return [defects === null ? 'any' : `${defects}`, mode, ...shown];
}
