import { Command } from 'nest-commander';
import { VerbGroup } from '../verb.js';
import { CompareShadowCommand } from './compare.command.js';

@Command({
  name: 'shadow',
  description: 'a challenger that looks at the same frames and decides nothing',
  subCommands: [CompareShadowCommand],
})
export class ShadowCommand extends VerbGroup {}
