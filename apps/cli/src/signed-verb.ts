import { Option } from 'nest-commander';
import { Verb } from './verb.js';

export interface SignedOptions {
  readonly by: string;
  readonly recipe?: string;
  readonly registry?: string;
}

/** A command that changes what inspects a recipe, in the name of a person. */
export abstract class SignedVerb extends Verb {
  @Option({ flags: '--by <name>', description: 'the person who answers for it', required: true })
  by(text: string): string {
    return text;
  }

  @Option({ flags: '--recipe <name>', description: 'default: the only recipe of the configuration' })
  recipe(text: string): string {
    return text;
  }

  @Option({ flags: '--registry <dir>', description: 'where models live; default from the configuration' })
  registry(text: string): string {
    return text;
  }
}
