import { verbGroup } from '../verb.js';
import { importModelCommand } from './import.command.js';
import { initModelsCommand } from './init.command.js';
import { listModelsCommand } from './list.command.js';
import { rollbackCommand } from './rollback.command.js';
import { showModelCommand } from './show.command.js';

export const modelsCommand = verbGroup('models', 'the registry of trained models', [
  listModelsCommand,
  showModelCommand,
  rollbackCommand,
  importModelCommand,
  initModelsCommand,
]);
