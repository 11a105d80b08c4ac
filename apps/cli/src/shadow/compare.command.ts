import { join } from 'node:path';
import { Option, SubCommand } from 'nest-commander';
import { parseCount } from '../line-options.js';
import { Verb } from '../verb.js';

interface CompareOptions {
  readonly line: string;
  readonly shadow: string;
  readonly limit?: number;
  readonly json?: boolean;
}

@SubCommand({ name: 'compare', description: 'where a shadow challenger would have decided otherwise, frame by frame' })
export class CompareShadowCommand extends Verb {
  override async run(_: string[], { line, shadow, limit = 20, json = false }: CompareOptions): Promise<void> {
    const [{ compareLedgers }, { formatComparison }] = await Promise.all([
      import('../../../inspector/src/shadow/compare-ledgers.js'),
      import('./format-comparison.js'),
    ]);
    const ledgerOf = (dataDir: string): string => join(dataDir, 'ledger.sqlite');
    const comparison = compareLedgers({ line: ledgerOf(line), shadow: ledgerOf(shadow), limit });
    process.stdout.write(json ? `${JSON.stringify(comparison, null, 2)}\n` : formatComparison(comparison));
  }

  @Option({ flags: '--line <dir>', description: 'data folder of the inspector whose word counts', required: true })
  line(text: string): string {
    return text;
  }

  @Option({ flags: '--shadow <dir>', description: 'data folder of its shadow', required: true })
  shadow(text: string): string {
    return text;
  }

  @Option({ flags: '--limit <count>', description: 'disagreements listed at most, the newest first; default 20' })
  limit(text: string): number {
    return parseCount('--limit', text);
  }

  @Option({ flags: '--json', description: 'as JSON' })
  json(): boolean {
    return true;
  }
}
