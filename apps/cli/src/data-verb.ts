import { Option } from 'nest-commander';
import { parseChoice, parseMore, Verb } from './verb.js';

const SIDES = ['train', 'val', 'test', 'all'] as const;
export type Side = (typeof SIDES)[number];

export interface DataOptions {
  readonly data: string;
  readonly split?: string;
  readonly good?: string[];
  readonly group?: string;
}

/** A command that reads labelled pictures. */
export abstract class DataVerb extends Verb {
  @Option({ flags: '--data <dir>', description: 'labelled pictures: one folder per class, or a CSV', required: true })
  data(text: string): string {
    return text;
  }

  @Option({ flags: '--split <file>', description: 'CSV path,label[,split,group,lot,…]; default split.csv in the data' })
  split(text: string): string {
    return text;
  }

  @Option({ flags: '--good <name>', description: 'name of the good class, repeatable; default good' })
  good(text: string, before?: string[]): string[] {
    return parseMore(text, before);
  }

  @Option({ flags: '--group <column>', description: 'column that tells parts apart; path = every picture is a part' })
  group(text: string): string {
    return text;
  }
}

export interface SideOptions extends DataOptions {
  readonly subset?: Side;
}

/** A command that takes one side of a split. */
export abstract class SideVerb extends DataVerb {
  @Option({ flags: '--subset <side>', description: 'train, val, test or all; default test where the data has one' })
  subset(text: string): Side {
    return parseChoice('--subset', text, SIDES);
  }
}

export interface JudgeOptions extends SideOptions {
  readonly model: string;
  readonly registry?: string;
}

/** A command that lets a model judge one side. */
export abstract class JudgeVerb extends SideVerb {
  @Option({
    flags: '--model <dir|id>',
    description: 'a trained model: its directory, or its id in the registry',
    required: true,
  })
  model(text: string): string {
    return text;
  }

  @Option({ flags: '--registry <dir>', description: 'where models live; default from the configuration' })
  registry(text: string): string {
    return text;
  }
}
