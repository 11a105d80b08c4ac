import type { StoredWeights } from '#model/weights/record';
import { each, parseWord } from '../option-values.js';
import { weightsVerb } from './weights-verb.js';

const SAYS = { file: 'as the file says', library: 'as its library does', import: 'as stated' } as const;

function describe(weights: StoredWeights): string {
  const { backbone, variant, layout, licence, origin, left, normalise, colours } = weights;
  const shares = (values: readonly number[]) => values.map((value) => value.toFixed(1)).join(' ');
  const read = `(rgb - ${shares(normalise.mean)}) / ${shares(normalise.std)}`;
  return [
    `${backbone.name} (${variant}), ${layout}`,
    `licence ${licence}`,
    `origin ${origin}`,
    `reads ${read}${colours === null ? '' : ` ${SAYS[colours]}`}`,
    `left in the file: ${left?.join(', ') || 'nothing'}`,
  ].join('; ');
}

export const importWeightsCommand = weightsVerb(
  'import',
  'check a checkpoint to its last value and put it where trainings find it',
)
  .argument('<file>', 'Keras .h5, .weights.h5 or .keras, or .safetensors')
  .requiredOption('--backbone <name>', 'network the file is for, see `weights list`')
  .option('--as <id>', 'what to call the weights; default from network, library and hash')
  .option('--variant <library>', 'where the file comes from, when it does not tell itself')
  .option('--licence <text>', 'licence of the weights, for the record and every card')
  .option('--origin <text>', 'where the weights come from, for the record and every card')
  .option(
    '--colours <scaling>',
    'imagenet, minus-one-to-one, or mean/deviation of 0..1, when the file does not tell itself',
  )
  .option('--leave-out <layer>', 'layer of the file that is not the network’s, repeatable', each(parseWord))
  .action(async (file, options) => {
    const [{ importWeights }, { weightsDir }] = await Promise.all([
      import('#model/weights/import-weights'),
      import('./weights-dir.js'),
    ]);
    const { weights, isNew } = await importWeights({
      ...options,
      file,
      id: options.as,
      dir: weightsDir(options.weightsDir),
      importedTs: new Date().toISOString(),
    });
    const { id } = weights;
    process.stdout.write(
      isNew
        ? `Imported ${id}: ${describe(weights)}.\n`
        : `${id} is here already: the same file for the same network.\n`,
    );
  });
