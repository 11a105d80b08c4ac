import { verbGroup } from '../verb.js';
import { benchFewDefectsCommand } from './few-defects.command.js';
import { benchFramePathCommand } from './frame-path/frame-path.command.js';
import { benchInferenceCommand } from './inference.command.js';
import { benchTrainStepCommand } from './train-step.command.js';
import { benchWholeJobCommand } from './whole-job.command.js';

export const benchCommand = verbGroup(
  'bench',
  'how fast this machine infers and trains, against a bare loop and PyTorch in the same run',
  [benchInferenceCommand, benchTrainStepCommand, benchWholeJobCommand, benchFewDefectsCommand, benchFramePathCommand],
);
