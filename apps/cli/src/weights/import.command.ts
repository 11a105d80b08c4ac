import { Option, SubCommand } from 'nest-commander';
import type { StoredWeights } from '#model/weights/record';
import { parseMore } from '../verb.js';
import { type WeightsOptions, WeightsVerb } from './weights-verb.js';

interface ImportOptions extends WeightsOptions {
  readonly backbone: string;
  readonly as?: string;
  readonly variant?: string;
  readonly licence?: string;
  readonly origin?: string;
  readonly leaveOut?: string[];
  readonly colours?: string;
}

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

@SubCommand({
  name: 'import',
  arguments: '<file>',
  argsDescription: { file: 'Keras .h5, .weights.h5 or .keras, or .safetensors' },
  description: 'check a checkpoint to its last value and put it where trainings find it',
})
export class ImportWeightsCommand extends WeightsVerb {
  override async run([file = '']: string[], options: ImportOptions): Promise<void> {
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
  }

  @Option({ flags: '--backbone <name>', description: 'network the file is for, see `weights list`', required: true })
  backbone(text: string): string {
    return text;
  }

  @Option({ flags: '--as <id>', description: 'what to call the weights; default from network, library and hash' })
  as(text: string): string {
    return text;
  }

  @Option({ flags: '--variant <library>', description: 'where the file comes from, when it does not tell itself' })
  variant(text: string): string {
    return text;
  }

  @Option({ flags: '--licence <text>', description: 'licence of the weights, for the record and every card' })
  licence(text: string): string {
    return text;
  }

  @Option({ flags: '--origin <text>', description: 'where the weights come from, for the record and every card' })
  origin(text: string): string {
    return text;
  }

  @Option({
    flags: '--colours <scaling>',
    description: 'imagenet, minus-one-to-one, or mean/deviation of 0..1, when the file does not tell itself',
  })
  colours(text: string): string {
    return text;
  }

  @Option({ flags: '--leave-out <layer>', description: 'layer of the file that is not the network’s, repeatable' })
  leaveOut(text: string, before?: string[]): string[] {
    return parseMore(text, before);
  }
}
