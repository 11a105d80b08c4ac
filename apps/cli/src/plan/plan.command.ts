import { Command } from 'nest-commander';
import { VerbGroup } from '../verb.js';
import { PlanSchemaCommand } from './schema.command.js';
import { ShowPlanCommand } from './show.command.js';

@Command({
  name: 'plan',
  description: 'how to train: every setting',
  subCommands: [ShowPlanCommand, PlanSchemaCommand],
})
export class PlanCommand extends VerbGroup {}
