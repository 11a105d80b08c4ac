import { Command } from 'nest-commander';
import { VerbGroup } from '../verb.js';
import { PreviewAugmentCommand } from './preview.command.js';

@Command({
  name: 'augment',
  description: 'what a plan makes of training pictures',
  subCommands: [PreviewAugmentCommand],
})
export class AugmentCommand extends VerbGroup {}
