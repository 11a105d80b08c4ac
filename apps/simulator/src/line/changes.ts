/** Lets somebody wait for a condition on something that changes by messages. */
export class Changes {
  readonly #watchers = new Set<() => void>();

  /** Something changed: whoever waits looks again. */
  tell(): void {
    for (const look of [...this.#watchers]) look();
  }

  /**
   * Wait until the condition holds; false when it still does not after `timeoutMs`, counted from the start or, with
   * `sinceChange`, anew from every change.
   */
  async until(holds: () => boolean, options: { timeoutMs: number; sinceChange?: boolean }): Promise<boolean> {
    if (holds()) return true;
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve(holds());
      };
      const timer = setTimeout(finish, options.timeoutMs);
      const look = (): void => {
        if (holds()) finish();
        else if (options.sinceChange) timer.refresh();
      };
      this.#watchers.add(look);
    });
  }
}
