/**
 * Exponential moving average of the weights over the steps (Polyak & Juditsky 1992; as TensorFlow's
 * ExponentialMovingAverage). It starts at the first weights and must not cling to them: early on the decay is
 * (1 + steps) / (10 + steps), which grows until it reaches the one asked for.
 */
export class WeightAverage {
  readonly #average: Float32Array;
  readonly #decay: number;
  #steps = 0;

  /** @param decay share of the average that a step keeps, 0..1; 0 = the weights themselves */
  constructor(weights: Float32Array, decay: number) {
    this.#average = Float32Array.from(weights);
    this.#decay = decay;
  }

  /** Take in the weights after a step. */
  add(weights: Float32Array): void {
    this.#steps += 1;
    const decay = Math.min(this.#decay, (1 + this.#steps) / (10 + this.#steps));
    const average = this.#average;
    for (let i = 0; i < average.length; i++) {
      const before = average[i] as number;
      average[i] = before + (1 - decay) * ((weights[i] as number) - before);
    }
  }

  /** Go on where another one stood. @param steps it had taken in */
  restore(average: Float32Array, steps: number): void {
    this.#average.set(average);
    this.#steps = steps;
  }

  /** The average as it stands; not a copy. */
  get weights(): Float32Array {
    return this.#average;
  }
}
