import { Option, SubCommand } from 'nest-commander';
import { PRECISIONS, type Precision, RUNTIMES, type RuntimeName } from '#contracts';
import { parseCount } from '../line-options.js';
import { printTable } from '../print-table.js';
import { parseChoice, parseMore, Verb } from '../verb.js';
import type { InferenceRow } from './inference.js';

interface InferenceFlags {
  readonly backbone?: string[];
  readonly runtime?: RuntimeName[];
  readonly precision?: Precision[];
  readonly batch?: string[];
  readonly pictures?: number;
  readonly guard?: boolean;
  readonly json?: boolean;
}

@SubCommand({
  name: 'inference',
  description: 'ms per picture from prepared pictures to scores, beside a bare ONNX Runtime loop; one thread',
})
export class BenchInferenceCommand extends Verb {
  override async run(_: string[], flags: InferenceFlags): Promise<void> {
    const [{ benchInference }, { BACKBONES }, { findRuntimes }] = await Promise.all([
      import('./inference.js'),
      import('#model/backbones/find'),
      import('#model/runtime/find-runtimes'),
    ]);
    const { backbone = ['efficientnet-lite0'], batch = ['1', '8'] } = flags;
    const rows: InferenceRow[] = [];
    await benchInference({
      backbones: backbone.includes('all') ? BACKBONES.map(({ name }) => name) : backbone,
      runtimes: flags.runtime ?? (await findRuntimes()),
      precisions: flags.precision ?? PRECISIONS,
      batches: batch.map((text) => parseCount('--batch', text)),
      pictures: flags.pictures ?? 100,
      isGuarded: flags.guard ?? false,
      onTrouble: (words) => process.stderr.write(`${words}\n`),
      onRow: (row) => {
        rows.push(row);
        process.stderr.write(`${cells(row).join('  ')}\n`);
      },
    });
    if (flags.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    else printTable(HEAD, rows.map(cells));
  }

  @Option({ flags: '--backbone <name>', description: 'network, repeatable, or all; default efficientnet-lite0' })
  backbone(text: string, before?: string[]): string[] {
    return parseMore(text, before);
  }

  @Option({ flags: '--runtime <name>', description: `${RUNTIMES.join(', ')}; repeatable; default those that are here` })
  runtime(text: string, before: RuntimeName[] = []): RuntimeName[] {
    return [...before, parseChoice('--runtime', text, RUNTIMES)];
  }

  @Option({ flags: '--precision <name>', description: `${PRECISIONS.join(', ')}; repeatable; default all` })
  precision(text: string, before: Precision[] = []): Precision[] {
    return [...before, parseChoice('--precision', text, PRECISIONS)];
  }

  @Option({ flags: '--batch <count>', description: 'pictures of a run, repeatable; default 1 and 8' })
  batch(text: string, before?: string[]): string[] {
    return parseMore(text, before);
  }

  @Option({ flags: '--pictures <count>', description: 'pictures for every contender at least; default 100' })
  pictures(text: string): number {
    return parseCount('--pictures', text);
  }

  @Option({ flags: '--guard', description: 'with the guard beside the classifier, as trained models have it' })
  guard(): boolean {
    return true;
  }

  @Option({ flags: '--json', description: 'for a program that reads it' })
  json(): boolean {
    return true;
  }
}

const HEAD = ['NETWORK', 'RUNTIME', 'PRECISION', 'BATCH', 'MS/PICTURE', 'BARE', 'TO BARE', 'X FP32'];

function cells({ backbone, runtime, precision, batch, ms, bareMs, fasterThanFp32 }: InferenceRow): string[] {
  const toBare = bareMs === null ? '-' : (ms / bareMs).toFixed(2);
  const speed = [ms.toFixed(2), bareMs?.toFixed(2) ?? '-', toBare, fasterThanFp32?.toFixed(2) ?? '-'];
  return [backbone, runtime, precision, String(batch), ...speed];
}
