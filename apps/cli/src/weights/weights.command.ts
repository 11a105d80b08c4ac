import { Command } from 'nest-commander';
import { VerbGroup } from '../verb.js';
import { ImportWeightsCommand } from './import.command.js';
import { ListWeightsCommand } from './list.command.js';

@Command({
  name: 'weights',
  description: 'pretrained weights a training can start from',
  subCommands: [ListWeightsCommand, ImportWeightsCommand],
})
export class WeightsCommand extends VerbGroup {}
