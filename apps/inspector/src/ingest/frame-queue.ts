/** What the queue needs to know of a frame that waits. */
export interface Waiting {
  readonly recipe: string;
  readonly camera: string;
  readonly byteLength: number;
  /** Monotonic ms at which its verdict comes too late. */
  readonly expiresAt: number;
}

/** What is handed to one worker at once. */
export interface TakeOptions {
  readonly recipes: ReadonlySet<string>;
  readonly max: number;
}

interface Lane<Job> {
  readonly recipe: string;
  readonly camera: string;
  jobs: Job[];
}

/**
 * Frames that wait for a worker, bounded in frames and bytes. A frame counts from `push` until `release`, so frames at
 * the workers are inside the bounds. Cameras take turns. Nobody looks at a frame whose window is over: the gate has
 * rejected its part, and the next ones would be late behind it. When the queue is full, the newest frame of the camera
 * that holds most gives way.
 */
export class FrameQueue<Job extends Waiting> {
  private readonly lanes = new Map<string, Lane<Job>>();
  private heldFrames = 0;
  private heldBytes = 0;

  constructor(private readonly limits: { maxFrames: number; maxBytes: number }) {}

  /** Frames held: waiting or with a worker. */
  get held(): number {
    return this.heldFrames;
  }

  get bytes(): number {
    return this.heldBytes;
  }

  /** @returns the frames that are overdue or have no room, maybe `job` itself. They no longer count. */
  push(job: Job, now: number): Job[] {
    this.hold(job);
    this.laneOf(job).jobs.push(job);
    const displaced = this.dropOverdue(now);
    while (this.heldFrames > this.limits.maxFrames || this.heldBytes > this.limits.maxBytes) {
      const victim = this.takeFromLongest();
      if (victim === null) break;
      this.release(victim);
      displaced.push(victim);
    }
    return displaced;
  }

  /** Every waiting frame, of these recipes where some are named, whose window is over at `now`, monotonic ms; they no longer count. */
  dropOverdue(now: number, recipes?: ReadonlySet<string>): Job[] {
    const overdue: Job[] = [];
    for (const lane of this.lanes.values()) {
      if (recipes?.has(lane.recipe) === false) continue;
      const late = lane.jobs.filter(({ expiresAt }) => expiresAt <= now);
      if (late.length === 0) continue;
      lane.jobs = lane.jobs.filter(({ expiresAt }) => expiresAt > now);
      overdue.push(...late);
    }
    for (const job of overdue) this.release(job);
    return overdue;
  }

  /** The next frames of these recipes, at most `max`; cameras in rotation. */
  take({ recipes, max }: TakeOptions): Job[] {
    const taken: Job[] = [];
    const turn = [...this.lanes].filter(([, { recipe, jobs }]) => recipes.has(recipe) && jobs.length > 0);
    while (taken.length < max && turn.length > 0) {
      const [key, lane] = turn.shift() ?? [];
      if (key === undefined || lane === undefined) break;
      const job = lane.jobs.shift();
      if (job === undefined) continue;
      taken.push(job);
      turn.push([key, lane]);
      // A lane that had its turn goes to the end, also for the next batch.
      this.lanes.delete(key);
      this.lanes.set(key, lane);
    }
    return taken;
  }

  /** Frames waiting (not with a worker) for these recipes. */
  waiting(recipes: ReadonlySet<string>): number {
    let count = 0;
    for (const lane of this.lanes.values()) if (recipes.has(lane.recipe)) count += lane.jobs.length;
    return count;
  }

  /** Recipes that frames wait for. */
  recipes(): Set<string> {
    return new Set([...this.lanes.values()].flatMap(({ recipe, jobs }) => (jobs.length > 0 ? [recipe] : [])));
  }

  waitingOf(camera: string): number {
    let count = 0;
    for (const lane of this.lanes.values()) if (lane.camera === camera) count += lane.jobs.length;
    return count;
  }

  /** All that wait for a recipe nobody can inspect; they no longer count. */
  clear(recipe: string): Job[] {
    const cleared = [...this.lanes.values()].flatMap((lane) => (lane.recipe === recipe ? lane.jobs.splice(0) : []));
    for (const job of cleared) this.release(job);
    return cleared;
  }

  /** A taken frame is done. */
  release(job: Job): void {
    this.heldFrames -= 1;
    this.heldBytes -= job.byteLength;
  }

  private hold(job: Job): void {
    this.heldFrames += 1;
    this.heldBytes += job.byteLength;
  }

  private laneOf({ recipe, camera }: Job): Lane<Job> {
    const key = `${recipe} ${camera}`;
    const lane = this.lanes.get(key) ?? { recipe, camera, jobs: [] };
    this.lanes.set(key, lane);
    return lane;
  }

  private takeFromLongest(): Job | null {
    let longest: Lane<Job> | null = null;
    for (const lane of this.lanes.values()) {
      if (lane.jobs.length > (longest?.jobs.length ?? 0)) longest = lane;
    }
    return longest?.jobs.pop() ?? null;
  }
}
