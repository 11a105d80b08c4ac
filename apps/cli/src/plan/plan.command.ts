import { verbGroup } from '../verb.js';
import { planSchemaCommand } from './schema.command.js';
import { showPlanCommand } from './show.command.js';

export const planCommand = verbGroup('plan', 'how to train: every setting', [showPlanCommand, planSchemaCommand]);
