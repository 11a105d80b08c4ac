import { setTimeout as sleep } from 'node:timers/promises';

/** When the next frame goes out: as soon as the last one has its verdict, or so many times a second whatever happens. */
export type Pace = { readonly kind: 'closed' } | { readonly kind: 'rate'; readonly framesPerSecond: number };

/** Wait until a moment on the monotonic clock; false when stopped before it. */
export async function until(atMs: number, signal?: AbortSignal): Promise<boolean> {
  const wait = atMs - performance.now();
  if (wait <= 0) return signal?.aborted !== true;
  return sleep(wait, true, { signal }).catch((error: Error) => {
    if (error.name === 'AbortError') return false;
    throw error;
  });
}

/** Runs tasks side by side, at most `limit`: whoever adds one more waits for a free place. */
export class InFlight {
  readonly #limit: number;
  readonly #running = new Set<Promise<void>>();
  #failure: { error: unknown } | null = null;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Start a task, waiting for a free place first. @throws what an earlier task failed with */
  async add(task: () => Promise<void>): Promise<void> {
    while (this.#running.size >= this.#limit) await Promise.race(this.#running);
    this.#rethrow();
    const running: Promise<void> = task()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Wait for all. @throws what the first failed task failed with */
  async settle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
    this.#rethrow();
  }

  #rethrow(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}
