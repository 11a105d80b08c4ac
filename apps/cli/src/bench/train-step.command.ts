import { Option, SubCommand } from 'nest-commander';
import type { BackendName } from '#model/backend/choose';
import { parseCount } from '../line-options.js';
import { printTable } from '../print-table.js';
import { parseChoice, Verb } from '../verb.js';

interface TrainStepFlags {
  readonly backend?: BackendName[];
  readonly freeze?: string;
  readonly batch?: number;
  readonly rounds?: number;
  readonly steps?: number;
  readonly python?: string;
  readonly json?: boolean;
}

/** As in `#model/backend/choose`, which is not loaded for a look at --help; software adapters are for tests. */
const BACKENDS = ['tensorflow', 'webgpu', 'wasm'] as const;

@SubCommand({
  name: 'train-step',
  description: 'ms per picture of one fine-tuning step of EfficientNet-Lite0, per backend',
})
export class BenchTrainStepCommand extends Verb {
  override async run(_: string[], flags: TrainStepFlags): Promise<void> {
    const { benchTrainStep } = await import('./train-step.js');
    const rows = await benchTrainStep({
      // The last four blocks.
      freeze: flags.freeze ?? 'block6b',
      batch: flags.batch ?? 32,
      rounds: flags.rounds ?? 5,
      steps: flags.steps ?? 4,
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
  }

  @Option({ flags: '--backend <name>', description: `${BACKENDS.join(', ')}; repeatable; default all that are here` })
  backend(text: string, before: BackendName[] = []): BackendName[] {
    return [...before, parseChoice('--backend', text, BACKENDS)];
  }

  @Option({ flags: '--freeze <block>', description: 'first open block; default block6b, the last four blocks' })
  freeze(text: string): string {
    return text;
  }

  @Option({ flags: '--batch <count>', description: 'pictures of a step; default 32' })
  batch(text: string): number {
    return parseCount('--batch', text);
  }

  @Option({ flags: '--rounds <count>', description: 'turns of each contender; default 5' })
  rounds(text: string): number {
    return parseCount('--rounds', text);
  }

  @Option({ flags: '--steps <count>', description: 'steps of a turn; default 4' })
  steps(text: string): number {
    return parseCount('--steps', text);
  }

  @Option({ flags: '--python <path>', description: 'a Python with torch, which does the same step' })
  python(text: string): string {
    return text;
  }

  @Option({ flags: '--json', description: 'for a program that reads it' })
  json(): boolean {
    return true;
  }
}
