import { Command, Option } from 'nest-commander';
import { PRECISIONS, type Precision, RUNTIMES, type RuntimeName } from '#contracts';
import { writeWhole } from '../../trainer/src/write-whole.js';
import { type JudgeOptions, JudgeVerb } from './data-verb.js';
import { parseChoice } from './verb.js';

interface EvaluateOptions extends JudgeOptions {
  readonly json?: string;
  readonly scores?: string;
  readonly runtime?: RuntimeName;
  readonly precision?: Precision;
}

@Command({ name: 'evaluate', description: 'judge labelled pictures with a trained model and report its figures' })
export class EvaluateCommand extends JudgeVerb {
  override async run(_: string[], options: EvaluateOptions): Promise<void> {
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
      groupColumn: options.group,
      artefact,
      place: { runtime: options.runtime, precision: options.precision },
      onProgress: progress.update,
    });
    progress.stop();
    if (options.json !== undefined) await writeWhole(options.json, `${JSON.stringify(result.evaluation, null, 2)}\n`);
    if (options.scores !== undefined) await writeWhole(options.scores, formatScores(result.scored));
    process.stdout.write(formatEvaluation({ ...result, card: artefact.card }));
  }

  @Option({ flags: '--json <file>', description: 'write the figures there' })
  json(text: string): string {
    return text;
  }

  @Option({ flags: '--scores <file.csv>', description: 'write path,label,score there' })
  scores(text: string): string {
    return text;
  }

  @Option({ flags: '--runtime <name>', description: 'what computes; default onnx-cpu' })
  runtime(text: string): RuntimeName {
    return parseChoice('--runtime', text, RUNTIMES);
  }

  @Option({ flags: '--precision <name>', description: "which of the model's graphs; default fp32" })
  precision(text: string): Precision {
    return parseChoice('--precision', text, PRECISIONS);
  }
}
