import { Option, SubCommand } from 'nest-commander';
import { type DataOptions, DataVerb } from '../data-verb.js';
import { parseCount } from '../line-options.js';
import { printTable } from '../print-table.js';
import { parseSetting } from '../verb.js';
import type { FewDefectsRow } from './few-defects.js';

interface FewDefectsFlags extends DataOptions {
  readonly out: string;
  readonly set?: Record<string, string>;
  readonly seed?: number;
}

/** Defect pictures in training, before all there are. */
const COUNTS = [0, 5, 10, 25, 50, 100];

@SubCommand({
  name: 'few-defects',
  description: 'classifier with few defect pictures in training beside one-class mode; goes on where it was stopped',
})
export class BenchFewDefectsCommand extends DataVerb {
  override async run(_: string[], flags: FewDefectsFlags): Promise<void> {
    const [{ benchFewDefects }, { weightsDir }] = await Promise.all([
      import('./few-defects.js'),
      import('../weights/weights-dir.js'),
    ]);
    const { data, split, good, group, out, set: settings = {}, seed = 1 } = flags;
    const rows = await benchFewDefects({
      ...{ data, split, good, group, out, settings, seed },
      counts: COUNTS,
      weightsDir: weightsDir(undefined),
      onRow: (row) => process.stderr.write(`${cells(row).join('  ')}\n`),
    });
    printTable(['DEFECTS', 'MODE', 'AUROC', 'MAX F1', 'OVERKILL AT 95 %'], rows.map(cells));
  }

  @Option({ flags: '--out <dir>', description: 'where the runs are kept', required: true })
  out(text: string): string {
    return text;
  }

  @Option({ flags: '--set <key=value>', description: 'one choice of every plan, repeatable' })
  set(text: string, before?: Record<string, string>): Record<string, string> {
    return parseSetting('--set', text, before);
  }

  @Option({ flags: '--seed <number>', description: 'draws the defects and seeds the runs; default 1' })
  seed(text: string): number {
    return parseCount('--seed', text);
  }
}

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
