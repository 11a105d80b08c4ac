import { Command } from 'nest-commander';
import { VerbGroup } from '../verb.js';
import { BenchFewDefectsCommand } from './few-defects.command.js';
import { BenchFramePathCommand } from './frame-path/frame-path.command.js';
import { BenchInferenceCommand } from './inference.command.js';
import { BenchTrainStepCommand } from './train-step.command.js';
import { BenchWholeJobCommand } from './whole-job.command.js';

@Command({
  name: 'bench',
  description: 'how fast this machine infers and trains, against a bare loop and PyTorch in the same run',
  subCommands: [
    BenchInferenceCommand,
    BenchTrainStepCommand,
    BenchWholeJobCommand,
    BenchFewDefectsCommand,
    BenchFramePathCommand,
  ],
})
export class BenchCommand extends VerbGroup {}
