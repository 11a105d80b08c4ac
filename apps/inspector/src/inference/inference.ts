import { type Frame, messageOf, type Region } from '#contracts';
import { FrameQueue } from '../ingest/frame-queue.js';
import type { Crew } from './crew.js';
import type { FrozenCameras } from './frozen-cameras.js';
import { LastInferences } from './last-inferences.js';
import type { Lineup } from './lineup.js';
import { type Outcome, type Refused, refuse } from './outcome.js';
import type { PictureResult } from './protocol.js';

export interface InferenceOptions {
  readonly lineup: Pick<Lineup, 'isRecipe' | 'serving' | 'crewOf' | 'problemOf'>;
  readonly limits: { readonly maxFrames: number; readonly maxBytes: number };
  /** Frames per batch at most. */
  readonly batch: number;
  readonly recipes: { roiOf(recipe: string, camera: string): Region | null };
  readonly frozen: FrozenCameras;
}

/** Runs of a crew that tell how long the next one takes. */
const RECENT_RUNS = 9;

interface Job {
  readonly recipe: string;
  readonly camera: string;
  readonly byteLength: number;
  readonly expiresAt: number;
  readonly frame: Frame;
  readonly queuedAt: number;
  readonly finish: (outcome: Outcome) => void;
}

/** From frame to scores: a bounded queue, batches as large as what waits, worker processes that compute. */
export class Inference {
  private readonly queue: FrameQueue<Job>;
  private readonly lastInferences = new LastInferences();
  /** From hand-over to result, ms, of each crew's last runs. */
  private readonly runs = new WeakMap<Crew, readonly number[]>();

  constructor(private readonly options: InferenceOptions) {
    this.queue = new FrameQueue(options.limits);
  }

  /**
   * Every frame comes back with an outcome; a full queue, a missing model or a dead worker are outcomes too.
   * @param expiresAt monotonic ms at which its window ends: nobody looks at it then any more
   */
  score(frame: Frame, expiresAt: number): Promise<Outcome> {
    const { recipe, camera, bytes } = frame;
    if (!this.options.lineup.isRecipe(recipe)) {
      return Promise.resolve(refuse('NO_RECIPE', `Recipe ${recipe} is not configured.`));
    }
    return new Promise((finish) => {
      const queuedAt = performance.now();
      const job: Job = { recipe, camera, byteLength: bytes.byteLength, expiresAt, frame, queuedAt, finish };
      for (const displaced of this.queue.push(job, queuedAt)) displaced.finish(giveWay(displaced, queuedAt));
      this.pump();
    });
  }

  /** Hand out what waits and can be in time. Called when a frame came and when a worker can take more. */
  pump(): void {
    const { lineup, batch } = this.options;
    const now = performance.now();
    for (const { crew, recipes } of lineup.serving()) {
      // Whom it is or will be too late for holds up the next one: in a crowd all would be late, each by a little.
      for (const late of this.queue.dropOverdue(now + this.expectedMs(crew), recipes)) late.finish(giveWay(late, now));
      for (;;) {
        const { room } = crew;
        if (room === 0) break;
        // What waits is shared out over the free places: a lone frame goes at once, a crowd goes in batches.
        const max = Math.min(batch, Math.ceil(this.queue.waiting(recipes) / room));
        const jobs = max === 0 ? [] : this.queue.take({ recipes, max });
        if (jobs.length === 0) break;
        void this.run(crew, jobs);
      }
    }
    this.refuseStranded();
  }

  get held(): { frames: number; bytes: number } {
    return { frames: this.queue.held, bytes: this.queue.bytes };
  }

  waitingOf(camera: string): number {
    return this.queue.waitingOf(camera);
  }

  /** Time of the last real inference of a camera's frame; null before the first. */
  lastInferenceTs(camera: string): string | null {
    return this.lastInferences.tsOf(camera);
  }

  private async run(crew: Crew, jobs: readonly Job[]): Promise<void> {
    const startedAt = performance.now();
    const model = crew.ready;
    try {
      const pictures = jobs.map(({ frame }) => ({
        bytes: frame.bytes,
        roi: this.options.recipes.roiOf(frame.recipe, frame.camera),
      }));
      const results = await crew.score(pictures);
      for (const [i, job] of jobs.entries()) this.finish(job, results[i], { startedAt, model });
      this.runs.set(crew, [performance.now() - startedAt, ...(this.runs.get(crew) ?? [])].slice(0, RECENT_RUNS));
    } catch (error) {
      for (const job of jobs) this.finish(job, undefined, { startedAt, model, problem: messageOf(error) });
    }
    this.pump();
  }

  /** How long a busy crew takes for what it is given now, ms: the median of its last runs. An idle one shows it. */
  private expectedMs(crew: Crew): number {
    const runs = this.runs.get(crew) ?? [];
    return crew.isIdle ? 0 : (runs.toSorted((a, b) => a - b)[Math.floor(runs.length / 2)] ?? 0);
  }

  private finish(
    job: Job,
    result: PictureResult | undefined,
    { startedAt, model, problem }: { startedAt: number; model: Crew['ready']; problem?: string },
  ): void {
    this.queue.release(job);
    const queueMs = startedAt - job.queuedAt;
    if (result === undefined || model === null) {
      job.finish({ ...refuse('INTERNAL', problem ?? 'The worker gave no result.'), queueMs });
    } else if (result.pixels !== null && this.options.frozen.isFrozen(job.camera, result.pixels)) {
      const frozen = 'The camera sends one picture again and again. Restart it.';
      job.finish({ ...refuse('FRAME_DUPLICATE', frozen), queueMs, decodeMs: result.decodeMs });
    } else if (!result.ok) {
      job.finish({ ...refuse(result.reason, result.message), queueMs, decodeMs: result.decodeMs });
    } else {
      this.lastInferences.note(job.camera);
      const { scores, distance, decodeMs, inferMs } = result;
      job.finish({ kind: 'scored', scores, distance, ...model, queueMs, decodeMs, inferMs });
    }
  }

  /** Frames of recipes that have no living worker do not wait for one. */
  private refuseStranded(): void {
    const { lineup } = this.options;
    const now = performance.now();
    for (const recipe of this.queue.recipes()) {
      const crew = lineup.crewOf(recipe);
      if (crew?.isAlive) continue;
      const detail = lineup.problemOf(recipe)?.detail ?? 'No worker is ready.';
      for (const job of this.queue.clear(recipe)) {
        job.finish({ ...refuse('MODEL_NOT_READY', detail), queueMs: now - job.queuedAt });
      }
    }
  }
}

function giveWay({ expiresAt, queuedAt }: Job, now: number): Refused {
  const queueMs = now - queuedAt;
  if (expiresAt <= now) return { ...refuse('LATE', 'Its window was over before a worker could look at it.'), queueMs };
  return { ...refuse('OVERLOAD', 'More frames than the workers can inspect.'), queueMs };
}
