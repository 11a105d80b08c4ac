import { writeWhole } from '../../trainer/src/write-whole.js';
import { sideVerb } from './data-verb.js';
import { parsePage, parseTarget } from './option-values.js';
import { REGISTRY } from './shared-options.js';

export const compareCommand = sideVerb(
  'compare',
  'let two models judge the same pictures and say how they differ, and what is within noise',
)
  .argument('<a>', 'a trained model: its directory, or its id in the registry')
  .argument('<b>', 'another one')
  .option('--out <file.html>', 'where the page goes', parsePage, 'compare.html')
  .option('--json <file>', 'write the figures there', parseTarget)
  .addOption(REGISTRY)
  .action(async (first, second, options) => {
    const [{ compareModels }, { describeComparison }, { findModel }, { describeLeftOut }, { showProgress }] =
      await Promise.all([
        import('../../trainer/src/judge/compare-models.js'),
        import('../../trainer/src/report/describe-comparison.js'),
        import('./find-model.js'),
        import('./format-evaluation.js'),
        import('./show-progress.js'),
      ]);
    const progress = showProgress('compare');
    const compared = await compareModels({
      ...options,
      a: await findModel(first, options.registry),
      b: await findModel(second, options.registry),
      onProgress: progress.update,
    });
    progress.stop();
    const { comparison } = compared;
    const { drawComparison } = await import('../../trainer/src/report/draw-comparison.js');
    await writeWhole(options.out, drawComparison(compared));
    if (options.json !== undefined) await writeWhole(options.json, `${JSON.stringify(comparison, null, 2)}\n`);
    const { a, b, n, groups, subset, leftOut, doubts, disagreements } = comparison;
    const head = `A ${a}\nB ${b}\n${n} pictures (${subset})${groups < n ? ` of ${groups} groups` : ''}${describeLeftOut(leftOut)}\n\n`;
    const verdicts = `Verdicts differ on ${disagreements.length} pictures, shown in ${options.out}.`;
    process.stdout.write(
      `${head}${[...doubts.map((words) => `doubt: ${words}`), ...describeComparison(comparison), verdicts].join('\n')}\n`,
    );
  });
