import type { DataChoice } from './data-choice.js';
import type { Plan } from './plan/plan.js';
import type { StopSwitch } from './stop-switch.js';
import type { TrainSink } from './train-log.js';

/** What a network is trained from, in a run or in a trial of a sweep. */
export interface NetworkRequest extends DataChoice {
  readonly plan: Plan;
  /** The artefact's directory: card, graph, golden pictures, and the run's own records beside them. */
  readonly out: string;
  /** Features of pictures seen before. */
  readonly cacheDir: string;
  /** Weights that were imported, beside those of the product. */
  readonly weightsDir: string;
  readonly sinks: readonly TrainSink[];
  /** Go on with the run that was stopped or killed in `out`. */
  readonly isResumed?: boolean;
  /** Drop what a run that was stopped or killed in `out` has learnt. */
  readonly isAnew?: boolean;
  /** Ends the run after the step at hand. */
  readonly stop?: StopSwitch;
}

/** A whole run, from pictures to a registered model. What HTTP asks for is the contract's `TrainRequest`. */
export interface RunRequest extends NetworkRequest {
  /** Where the finished model goes; null leaves it in `out` alone. */
  readonly registry: string | null;
}
