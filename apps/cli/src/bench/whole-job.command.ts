import { Option, SubCommand } from 'nest-commander';
import { type DataOptions, DataVerb } from '../data-verb.js';
import { printTable } from '../print-table.js';
import { parseSetting } from '../verb.js';

interface WholeJobFlags extends DataOptions {
  readonly set?: Record<string, string>;
  readonly python?: string;
  readonly wasm?: boolean;
  readonly json?: boolean;
}

@SubCommand({
  name: 'whole-job',
  description: 'seconds from pictures on disk to a certified model: first and second run, fast preset, against PyTorch',
})
export class BenchWholeJobCommand extends DataVerb {
  override async run(_: string[], flags: WholeJobFlags): Promise<void> {
    const { benchWholeJob } = await import('./whole-job.js');
    const rows = await benchWholeJob({
      data: flags.data,
      split: flags.split,
      group: flags.group,
      settings: flags.set ?? {},
      isOnWasmToo: flags.wasm ?? false,
      python: flags.python ?? null,
      onLine: (who, line) => process.stderr.write(`${who}: ${line}\n`),
    });
    if (flags.json) {
      process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
      return;
    }
    printTable(
      ['JOB', 'SECONDS', 'TO PYTORCH', 'AUROC', 'MAX F1', 'OVERKILL AT 95 %', 'STEPS, S'],
      rows.map(({ name, seconds, toPyTorch, figures, steps }) => [
        name,
        seconds.toFixed(1),
        toPyTorch?.toFixed(2) ?? '-',
        figures?.auroc.toFixed(4) ?? '-',
        figures?.maxF1.toFixed(3) ?? '-',
        figures === null ? '-' : `${(100 * figures.overkillAt95).toFixed(2)} %`,
        Object.entries(steps)
          .map(([step, took]) => `${step} ${took.toFixed(1)}`)
          .join(', '),
      ]),
    );
  }

  @Option({ flags: '--set <key=value>', description: 'one choice of the plan, repeatable: --set backend=wasm' })
  set(text: string, before?: Record<string, string>): Record<string, string> {
    return parseSetting('--set', text, before);
  }

  @Option({ flags: '--python <path>', description: 'a Python with torch, safetensors and Pillow' })
  python(text: string): string {
    return text;
  }

  @Option({ flags: '--wasm', description: 'time the WebAssembly backend too' })
  wasm(): boolean {
    return true;
  }

  @Option({ flags: '--json', description: 'for a program that reads it' })
  json(): boolean {
    return true;
  }
}
