import { augmentCommand } from './augment/augment.command.js';
import { benchCommand } from './bench/bench.command.js';
import { commandCommand } from './command.command.js';
import { compareCommand } from './compare.command.js';
import { dataCommand } from './data/data.command.js';
import { doctorCommand } from './doctor.command.js';
import { evaluateCommand } from './evaluate.command.js';
import { inspectorCommand } from './inspector.command.js';
import { modelsCommand } from './models/models.command.js';
import { planCommand } from './plan/plan.command.js';
import { promoteCommand } from './promote.command.js';
import { replayCommand } from './replay.command.js';
import { reportCommand } from './report.command.js';
import { sampleDataCommand } from './sample-data.command.js';
import { shadowCommand } from './shadow/shadow.command.js';
import { simulateCommand } from './simulate.command.js';
import { sweepCommand } from './sweep.command.js';
import { thresholdCommand } from './threshold.command.js';
import { trainCommand } from './train.command.js';
import { trainerCommand } from './trainer.command.js';
import { verbGroup } from './verb.js';
import { readVersion } from './version.js';
import { weightsCommand } from './weights/weights.command.js';

/** Every command of `lineside`. Heavy parts are imported inside their actions, so that --help answers at once. */
export const lineside = verbGroup('lineside', 'Inspects parts on a production line: trains, promotes, runs.', [
  trainCommand,
  sweepCommand,
  planCommand,
  evaluateCommand,
  reportCommand,
  compareCommand,
  thresholdCommand,
  promoteCommand,
  modelsCommand,
  inspectorCommand,
  trainerCommand,
  doctorCommand,
  augmentCommand,
  dataCommand,
  benchCommand,
  commandCommand,
  shadowCommand,
  replayCommand,
  simulateCommand,
  sampleDataCommand,
  weightsCommand,
]).version(readVersion());

/** Commands that run until they are told to stop. */
export const SERVERS: readonly unknown[] = [inspectorCommand, trainerCommand];
