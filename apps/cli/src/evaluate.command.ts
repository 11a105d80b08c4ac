import { Command, Option } from 'nest-commander';
import { writeWhole } from '../../trainer/src/write-whole.js';
import { parseChoice, parseMore, Verb } from './verb.js';

const SIDES = ['train', 'val', 'test', 'all'] as const;
type Side = (typeof SIDES)[number];

interface EvaluateOptions {
  readonly model: string;
  readonly data: string;
  readonly split?: string;
  readonly subset?: Side;
  readonly good?: string[];
  readonly group?: string;
  readonly json?: string;
  readonly scores?: string;
  readonly registry?: string;
}

@Command({ name: 'evaluate', description: 'judge labelled pictures with a trained model and report its figures' })
export class EvaluateCommand extends Verb {
  override async run(_: string[], options: EvaluateOptions): Promise<void> {
    const [{ evaluateModel }, { findModel }, { formatEvaluation, formatScores }, { showProgress }] = await Promise.all([
      import('../../trainer/src/evaluate-model.js'),
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
      onProgress: progress.update,
    });
    progress.stop();
    if (options.json !== undefined) await writeWhole(options.json, `${JSON.stringify(result.evaluation, null, 2)}\n`);
    if (options.scores !== undefined) await writeWhole(options.scores, formatScores(result.scored));
    process.stdout.write(formatEvaluation({ ...result, modelId: artefact.card.id }));
  }

  @Option({
    flags: '--model <dir|id>',
    description: 'a trained model: its directory, or its id in the registry',
    required: true,
  })
  model(text: string): string {
    return text;
  }

  @Option({ flags: '--data <dir>', description: 'labelled pictures: one folder per class, or a CSV', required: true })
  data(text: string): string {
    return text;
  }

  @Option({ flags: '--split <file>', description: 'CSV path,label[,split,group,lot,…]; default split.csv in the data' })
  split(text: string): string {
    return text;
  }

  @Option({ flags: '--subset <side>', description: 'train, val, test or all; default test where the data has one' })
  subset(text: string): Side {
    return parseChoice('--subset', text, SIDES);
  }

  @Option({ flags: '--good <name>', description: 'name of the good class, repeatable; default good' })
  good(text: string, before?: string[]): string[] {
    return parseMore(text, before);
  }

  @Option({ flags: '--group <column>', description: 'column that tells parts apart; path = every picture is a part' })
  group(text: string): string {
    return text;
  }

  @Option({ flags: '--json <file>', description: 'write the figures there' })
  json(text: string): string {
    return text;
  }

  @Option({ flags: '--scores <file.csv>', description: 'write path,label,score there' })
  scores(text: string): string {
    return text;
  }

  @Option({ flags: '--registry <dir>', description: 'where models live; default from the configuration' })
  registry(text: string): string {
    return text;
  }
}
