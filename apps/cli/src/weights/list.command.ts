import { SubCommand } from 'nest-commander';
import { printTable } from '../print-table.js';
import { Verb } from '../verb.js';

@SubCommand({ name: 'list', description: 'list the weights this installation knows' })
export class ListWeightsCommand extends Verb {
  override async run(): Promise<void> {
    const { KNOWN_WEIGHTS } = await import('#model/weights/known');
    printTable(
      ['ID', 'NETWORK', 'PARAMETERS', 'LICENCE', 'SHA256', 'ORIGIN'],
      KNOWN_WEIGHTS.map(({ id, backbone, parameters, licence, sha256, origin }) => [
        id,
        backbone.name,
        parameters.toLocaleString('en'),
        licence,
        sha256.slice(0, 12),
        origin,
      ]),
    );
  }
}
