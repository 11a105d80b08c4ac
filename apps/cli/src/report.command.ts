import { judgeVerb } from './data-verb.js';
import { parseAmount, parsePage } from './option-values.js';

/** As in a plan. */
const ROBUSTNESS = 60;

export const reportCommand = judgeVerb(
  'report',
  'judge labelled pictures with a trained model and write report.html and report.json',
)
  .option('--out <file.html>', 'where the page goes, its figures beside it', parsePage, 'report.html')
  .option('--robustness <pictures>', 'pictures judged under disturbances, 0 = none', parseAmount, ROBUSTNESS)
  .action(async (options) => {
    const [
      { evaluateModel },
      { writeReport },
      { chooseBackend },
      { findModel },
      { describeLeftOut },
      { showProgress },
    ] = await Promise.all([
      import('../../trainer/src/judge/evaluate-model.js'),
      import('../../trainer/src/steps/report.js'),
      import('#model/backend/choose'),
      import('./find-model.js'),
      import('./format-evaluation.js'),
      import('./show-progress.js'),
    ]);
    const artefact = await findModel(options.model, options.registry);
    const progress = showProgress('report');
    const { scored, subset, leftOut, doubts } = await evaluateModel({
      ...options,
      artefact,
      onProgress: progress.update,
    });
    progress.stop();
    await chooseBackend('wasm');
    const { out: html, robustness } = options;
    const files = { html, json: html.replace(/(\.html?)?$/, '.json') };
    await writeReport({ artefact, scored, subset, leftOut, doubts, files, robustness });
    for (const words of doubts) process.stdout.write(`doubt: ${words}\n`);
    process.stdout.write(
      `${artefact.card.id} on ${scored.length} pictures (${subset})${describeLeftOut(leftOut)}: ${files.html} and ${files.json}\n`,
    );
  });
