import { WEIGHTS_DIR } from '../shared-options.js';
import { verb } from '../verb.js';

/** A command about pretrained weights. */
export function weightsVerb(name: string, description: string) {
  return verb(name, description).addOption(WEIGHTS_DIR);
}
