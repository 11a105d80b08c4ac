import { PRECISIONS, RUNTIMES } from '#contracts';
import { writeWhole } from '../../trainer/src/write-whole.js';
import { judgeVerb } from './data-verb.js';
import { oneOf, parseTarget } from './option-values.js';

export const evaluateCommand = judgeVerb(
  'evaluate',
  'judge labelled pictures with a trained model and report its figures',
)
  .option('--json <file>', 'write the figures there', parseTarget)
  .option('--scores <file.csv>', 'write path,label,score,verdict,reason there', parseTarget)
  .option('--runtime <name>', 'what computes; default onnx-cpu', oneOf(RUNTIMES))
  .option('--precision <name>', "which of the model's graphs; default fp32", oneOf(PRECISIONS))
  .action(async (options) => {
    const [{ evaluateModel }, { findModel }, { formatEvaluation, formatScores }, { showProgress }] = await Promise.all([
      import('../../trainer/src/judge/evaluate-model.js'),
      import('./find-model.js'),
      import('./format-evaluation.js'),
      import('./show-progress.js'),
    ]);
    const artefact = await findModel(options.model, options.registry);
    const progress = showProgress('evaluate');
    const result = await evaluateModel({
      ...options,
      artefact,
      place: { runtime: options.runtime, precision: options.precision },
      onProgress: progress.update,
    });
    progress.stop();
    if (options.json !== undefined) await writeWhole(options.json, `${JSON.stringify(result.evaluation, null, 2)}\n`);
    if (options.scores !== undefined)
      await writeWhole(options.scores, formatScores(result.scored, artefact.card.operatingPoint));
    process.stdout.write(formatEvaluation({ ...result, card: artefact.card }));
  });
