import { Command, Option } from 'nest-commander';
import { parseCount } from './line-options.js';
import { parseNumber, Verb } from './verb.js';

interface SampleDataFlags {
  readonly out: string;
  readonly count?: number;
  readonly seed?: number;
  readonly defectShare?: number;
}

@Command({ name: 'sample-data', description: 'draw a labelled data set of chip resistors on a carrier tape' })
export class SampleDataCommand extends Verb {
  override async run(_: string[], flags: SampleDataFlags): Promise<void> {
    const [{ writeSampleDataset }, { showProgress }] = await Promise.all([
      import('../../simulator/src/sample-data.js'),
      import('./show-progress.js'),
    ]);
    const count = flags.count ?? 800;
    const progress = showProgress('sample data');
    await writeSampleDataset(flags.out, {
      seed: flags.seed ?? 1,
      count,
      defectShare: flags.defectShare ?? 0.5,
      onProgress: progress.update,
    }).finally(progress.stop);
    process.stdout.write(`${count} pictures in ${flags.out}, labelled in ${flags.out}/split.csv\n`);
  }

  @Option({ flags: '--out <dir>', description: 'a folder that is not there yet', required: true })
  out(text: string): string {
    return text;
  }

  @Option({ flags: '--count <n>', description: 'pictures; default 800' })
  count(text: string): number {
    return parseCount('--count', text);
  }

  @Option({ flags: '--seed <n>', description: 'which pictures; default 1' })
  seed(text: string): number {
    return parseCount('--seed', text);
  }

  @Option({ flags: '--defect-share <share>', description: 'share of defective parts, 0 to 1; default 0.5' })
  defectShare(text: string): number {
    return parseNumber('--defect-share', text);
  }
}
