import { Module } from '@nestjs/common';
import type { Command } from 'commander';
import { InjectCommander } from 'nest-commander';
import { ImportWeightsCommand } from './weights/import.command.js';
import { ListWeightsCommand } from './weights/list.command.js';
import { WeightsCommand } from './weights/weights.command.js';

/** Every command of `lineside`. Heavy parts are imported inside `run`, so that --help answers at once. */
@Module({
  providers: [WeightsCommand, ListWeightsCommand, ImportWeightsCommand],
})
export class CliModule {
  constructor(@InjectCommander() lineside: Command) {
    lineside.name('lineside').description('Inspects parts on a production line: trains, promotes, runs.');
  }
}
