import { Command } from 'nest-commander';
import { VerbGroup } from '../verb.js';
import { ExportWeightsCommand } from './export.command.js';
import { ImportWeightsCommand } from './import.command.js';
import { ListWeightsCommand } from './list.command.js';
import { RemoveWeightsCommand } from './remove.command.js';
import { ShowWeightsCommand } from './show.command.js';

@Command({
  name: 'weights',
  description: 'networks, and pretrained weights that a training can start from',
  subCommands: [
    ListWeightsCommand,
    ImportWeightsCommand,
    ShowWeightsCommand,
    RemoveWeightsCommand,
    ExportWeightsCommand,
  ],
})
export class WeightsCommand extends VerbGroup {}
