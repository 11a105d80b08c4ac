import { each, oneOf, parseWord } from './option-values.js';
import { REGISTRY } from './shared-options.js';
import { verb } from './verb.js';

const SIDES = ['train', 'val', 'test', 'all'] as const;

/** A command that reads labelled pictures. */
export function dataVerb(name: string, description: string) {
  return verb(name, description)
    .requiredOption('--data <dir>', 'labelled pictures: one folder per class, or a CSV')
    .option('--split <file>', 'CSV path,label[,split,group,lot,…]; default split.csv in the data')
    .option('--good <name>', 'name of the good class, repeatable; default good', each(parseWord))
    .option('--group <column>', 'column that tells parts apart; path = every picture is a part');
}

/** A command that takes one side of a split. */
export function sideVerb(name: string, description: string) {
  const side = 'train, val, test or all; default test where the data has one';
  return dataVerb(name, description).option('--subset <side>', side, oneOf(SIDES));
}

/** A command that lets a model judge one side. */
export function judgeVerb(name: string, description: string) {
  return sideVerb(name, description)
    .requiredOption('--model <dir|id>', 'a trained model: its directory, or its id in the registry')
    .addOption(REGISTRY);
}
