import { availableParallelism } from 'node:os';
import { AskedThread } from '#model/runtime/asked-thread';
import { openLength, type Parameter, totalLength } from '#model/train/parameters';
import type { FitState } from './checkpoint.js';
import { makeMoments, Optimiser, type OptimiserOptions, type OptimiserState, type Span } from './optimiser.js';

/** What the other thread is given before the first step. */
export interface OptimiserTask {
  readonly parameters: readonly Parameter[];
  readonly options: OptimiserOptions;
  readonly begin: OptimiserState & Span;
}

/** Flat vectors as the crew has them, and the factor on the peak rates that the schedule says. */
export interface OptimiserStep {
  readonly weights: Float32Array<SharedArrayBuffer>;
  readonly gradient: Float32Array<SharedArrayBuffer>;
  readonly factor: number;
}

/** Below this many open values a step is cheaper than handing a half of it to another thread. */
const WORTH_SHARING = 250_000;

/** An {@link Optimiser} on two cores: each moves half of the values, which know nothing of each other, to the same bits. */
export class SharedOptimiser {
  readonly moments: readonly Float32Array[];
  readonly #own: Optimiser;
  readonly #other: AskedThread<OptimiserStep, null> | null;

  private constructor(
    own: Optimiser,
    other: AskedThread<OptimiserStep, null> | null,
    moments: readonly Float32Array[],
  ) {
    this.#own = own;
    this.#other = other;
    this.moments = moments;
  }

  /** @param saved where another one stood; null = nothing is remembered yet */
  static start(
    parameters: readonly Parameter[],
    options: OptimiserOptions,
    saved: Pick<FitState, 'moments' | 'step'> | null,
  ): SharedOptimiser {
    const length = totalLength(parameters);
    const moments = makeMoments(length, options.kind);
    for (const [i, moment] of moments.entries()) moment.set(saved?.moments[i] ?? []);
    const begin = { moments, steps: saved?.step ?? 0, from: 0, to: length };
    if (openLength(parameters) < WORTH_SHARING || availableParallelism() === 1)
      return new SharedOptimiser(new Optimiser(parameters, options, begin), null, moments);
    const half = Math.floor(length / 2);
    const workerData: OptimiserTask = { parameters, options, begin: { ...begin, from: half } };
    const file = new URL('./optimiser-thread.js', import.meta.url);
    return new SharedOptimiser(
      new Optimiser(parameters, options, { ...begin, to: half }),
      new AskedThread(file, { name: 'optimiser', workerData }),
      moments,
    );
  }

  /**
   * Move the weights one step against the gradient.
   * @throws InvariantError when the other thread broke down
   */
  async step(step: OptimiserStep): Promise<void> {
    const moved = this.#other?.ask(step);
    this.#own.step(step.weights, step.gradient, step.factor);
    await moved;
  }

  async stop(): Promise<void> {
    await this.#other?.stop();
  }
}
