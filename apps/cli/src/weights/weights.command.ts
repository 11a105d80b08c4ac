import { verbGroup } from '../verb.js';
import { exportWeightsCommand } from './export.command.js';
import { importWeightsCommand } from './import.command.js';
import { listWeightsCommand } from './list.command.js';
import { removeWeightsCommand } from './remove.command.js';
import { showWeightsCommand } from './show.command.js';

export const weightsCommand = verbGroup('weights', 'networks, and pretrained weights that a training can start from', [
  listWeightsCommand,
  importWeightsCommand,
  showWeightsCommand,
  removeWeightsCommand,
  exportWeightsCommand,
]);
