import { Command } from 'nest-commander';
import { VerbGroup } from '../verb.js';
import { CheckDataCommand } from './check.command.js';

@Command({ name: 'data', description: 'labelled pictures', subCommands: [CheckDataCommand] })
export class DataCommand extends VerbGroup {}
