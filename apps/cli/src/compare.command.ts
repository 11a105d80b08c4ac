import { Command, Option } from 'nest-commander';
import { writeWhole } from '../../trainer/src/write-whole.js';
import { type SideOptions, SideVerb } from './data-verb.js';

interface CompareOptions extends SideOptions {
  readonly out?: string;
  readonly json?: string;
  readonly registry?: string;
}

@Command({
  name: 'compare',
  arguments: '<a> <b>',
  argsDescription: { a: 'a trained model: its directory, or its id in the registry', b: 'another one' },
  description: 'let two models judge the same pictures and say how they differ, and what is within noise',
})
export class CompareCommand extends SideVerb {
  override async run([first = '', second = '']: string[], options: CompareOptions): Promise<void> {
    const [{ compareModels }, { describeComparison }, { findModel }, { showProgress }] = await Promise.all([
      import('../../trainer/src/judge/compare-models.js'),
      import('../../trainer/src/report/describe-comparison.js'),
      import('./find-model.js'),
      import('./show-progress.js'),
    ]);
    const progress = showProgress('compare');
    const compared = await compareModels({
      ...options,
      groupColumn: options.group,
      a: await findModel(first, options.registry),
      b: await findModel(second, options.registry),
      onProgress: progress.update,
    });
    progress.stop();
    const { comparison } = compared;
    const { drawComparison } = await import('../../trainer/src/report/draw-comparison.js');
    const page = options.out ?? 'compare.html';
    await writeWhole(page, drawComparison(compared));
    if (options.json !== undefined) await writeWhole(options.json, `${JSON.stringify(comparison, null, 2)}\n`);
    const { a, b, n, groups, subset, disagreements } = comparison;
    const head = `A ${a}\nB ${b}\n${n} pictures (${subset})${groups < n ? ` of ${groups} groups` : ''}\n\n`;
    const verdicts = `Verdicts differ on ${disagreements.length} pictures, shown in ${page}.`;
    process.stdout.write(`${head}${[...describeComparison(comparison), verdicts].join('\n')}\n`);
  }

  @Option({ flags: '--out <file.html>', description: 'where the page goes; default compare.html' })
  out(text: string): string {
    return text;
  }

  @Option({ flags: '--json <file>', description: 'write the figures there' })
  json(text: string): string {
    return text;
  }

  @Option({ flags: '--registry <dir>', description: 'where models live; default from the configuration' })
  registry(text: string): string {
    return text;
  }
}
