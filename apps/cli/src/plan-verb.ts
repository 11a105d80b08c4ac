import { dataVerb } from './data-verb.js';
import { parseSetting, parseTargetFolder } from './option-values.js';
import { WEIGHTS_DIR } from './shared-options.js';

/** A command that does with labelled pictures what a plan says. */
export function planVerb(name: string, description: string) {
  return dataVerb(name, description)
    .option('--plan <file>', 'YAML: how to train; default the standard plan')
    .option('--set <key=value>', 'one choice of the plan, repeatable: --set fineTune.epochs=3', parseSetting)
    .addOption(WEIGHTS_DIR);
}

/** A command that learns by a plan. */
export function learnVerb(name: string, description: string) {
  return planVerb(name, description).option(
    '--cache <dir>',
    'features of pictures seen before; default var/cache',
    parseTargetFolder,
  );
}
