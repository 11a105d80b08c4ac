/**
 * Somebody wants the run to end. While it learns it ends by itself after the step at hand, with all that was learnt
 * saved; at other times there is nothing to save, and whoever asks may end the process.
 */
export class StopSwitch {
  #isAsked = false;
  #isLearning = false;

  /** @returns whether the run will end by itself */
  ask(): boolean {
    this.#isAsked ||= this.#isLearning;
    return this.#isLearning;
  }

  get isAsked(): boolean {
    return this.#isAsked;
  }

  async whileLearning<T>(work: () => Promise<T>): Promise<T> {
    this.#isLearning = true;
    try {
      return await work();
    } finally {
      this.#isLearning = false;
    }
  }
}
