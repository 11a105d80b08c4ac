import { REGISTRY } from './shared-options.js';
import { verb } from './verb.js';

/** A command that changes what inspects a recipe, in the name of a person. */
export function signedVerb(name: string, description: string) {
  return verb(name, description)
    .requiredOption('--by <name>', 'the person who answers for it')
    .option('--recipe <name>', 'default chip')
    .addOption(REGISTRY);
}
