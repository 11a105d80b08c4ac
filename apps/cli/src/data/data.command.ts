import { verbGroup } from '../verb.js';
import { checkDataCommand } from './check.command.js';

export const dataCommand = verbGroup('data', 'labelled pictures', [checkDataCommand]);
