import { Option } from 'nest-commander';
import { type DataOptions, DataVerb } from './data-verb.js';
import { parseSetting } from './verb.js';

export interface PlanOptions extends DataOptions {
  readonly plan?: string;
  readonly set?: Record<string, string>;
  readonly weightsDir?: string;
}

/** A command that does with labelled pictures what a plan says. */
export abstract class PlanVerb extends DataVerb {
  @Option({ flags: '--plan <file>', description: 'YAML: how to train; default the standard plan' })
  plan(text: string): string {
    return text;
  }

  @Option({ flags: '--set <key=value>', description: 'one choice of the plan, repeatable: --set fineTune.epochs=3' })
  set(text: string, before?: Record<string, string>): Record<string, string> {
    return parseSetting('--set', text, before);
  }

  @Option({ flags: '--weights-dir <dir>', description: 'imported weights; default from the configuration' })
  weightsDir(text: string): string {
    return text;
  }
}

export interface LearnOptions extends PlanOptions {
  readonly cache?: string;
}

/** A command that learns by a plan. */
export abstract class LearnVerb extends PlanVerb {
  @Option({ flags: '--cache <dir>', description: 'features of pictures seen before; default from the configuration' })
  cache(text: string): string {
    return text;
  }
}
