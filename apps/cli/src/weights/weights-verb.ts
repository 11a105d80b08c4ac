import { Option } from 'nest-commander';
import { Verb } from '../verb.js';

export interface WeightsOptions {
  readonly weightsDir?: string;
}

/** A command about pretrained weights. */
export abstract class WeightsVerb extends Verb {
  @Option({ flags: '--weights-dir <dir>', description: 'imported weights; default from the configuration' })
  weightsDir(text: string): string {
    return text;
  }
}
