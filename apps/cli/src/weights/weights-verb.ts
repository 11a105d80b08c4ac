import { verb } from '../verb.js';

/** A command about pretrained weights. */
export function weightsVerb(name: string, description: string) {
  return verb(name, description).option('--weights-dir <dir>', 'imported weights; default from the configuration');
}
