import { Command } from 'nest-commander';
import { VerbGroup } from '../verb.js';
import { InitModelsCommand } from './init.command.js';
import { ListModelsCommand } from './list.command.js';
import { RollbackCommand } from './rollback.command.js';
import { ShowModelCommand } from './show.command.js';

@Command({
  name: 'models',
  description: 'the registry of trained models',
  subCommands: [ListModelsCommand, ShowModelCommand, RollbackCommand, InitModelsCommand],
})
export class ModelsCommand extends VerbGroup {}
