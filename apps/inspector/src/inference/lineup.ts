import { codeOf, messageOf, type NotReadyReason } from '#contracts';
import type { Activation } from '#registry';
import type { Crew } from './crew.js';

/** A model that failed its checks is not tried again before this time has passed, ms. */
const RETRY_AFTER_MS = 60_000;

/** What the lineup reads of the registry. */
export interface ModelSource {
  active(recipe: string): Promise<Activation | null>;
}

export interface LineupOptions {
  readonly source: ModelSource;
  readonly recipes: readonly string[];
  readonly pollMs: number;
  /** A crew for this model, not yet started. */
  readonly makeCrew: (modelId: string) => Crew;
  readonly onChange: (news: LineupNews) => void;
}

export type LineupNews =
  | { readonly event: 'model-live'; readonly recipe: string; readonly modelId: string; readonly by: string }
  | {
      readonly event: 'model-refused';
      readonly recipe: string;
      readonly modelId: string | null;
      readonly code: string;
      readonly message: string;
    };

export interface Problem {
  readonly reason: NotReadyReason;
  readonly detail: string;
}

interface Seat {
  crew: Crew | null;
  /** The model before: kept warm, so that a rollback is a switch and not a start. */
  previous: Crew | null;
  problem: Problem | null;
  refused: { modelId: string; at: number } | null;
}

/**
 * Which model inspects which recipe. Looks at the registry again and again: a newly promoted model gets its own
 * workers, proves itself, and only then takes over; one that fails changes nothing.
 */
export class Lineup {
  private readonly seats: ReadonlyMap<string, Seat>;
  /** Last refusal told per recipe: the same one is told once. */
  private readonly lastNews = new Map<string, string>();
  private readonly crews = new Map<string, Crew>();
  private timer: NodeJS.Timeout | null = null;
  private isStopped = false;
  private polling: Promise<void> = Promise.resolve();

  constructor(private readonly options: LineupOptions) {
    const problem: Problem = { reason: 'STARTING', detail: 'The model is being opened.' };
    this.seats = new Map(
      options.recipes.map((recipe) => [recipe, { crew: null, previous: null, problem, refused: null }]),
    );
  }

  /** Starts to look; returns when every recipe's first model is live or refused. */
  async start(): Promise<void> {
    await this.look();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await Promise.all([...this.crews.values()].map((crew) => crew.stop()));
    await this.polling;
  }

  /** Null for a recipe that is not configured and for one whose model is not ready. */
  crewOf(recipe: string): Crew | null {
    return this.seats.get(recipe)?.crew ?? null;
  }

  isRecipe(recipe: string): boolean {
    return this.seats.has(recipe);
  }

  /** Why this recipe is not inspected; null when it is. */
  problemOf(recipe: string): Problem | null {
    const seat = this.seats.get(recipe);
    if (seat === undefined) return { reason: 'NO_RECIPE', detail: `Recipe ${recipe} is not configured.` };
    if (seat.crew === null) return seat.problem;
    const { trouble } = seat.crew;
    return trouble === null ? null : { reason: 'WORKERS', detail: trouble };
  }

  /** Process ids of all workers, those of the models before included. */
  get pids(): number[] {
    return [...this.crews.values()].flatMap(({ pids }) => pids);
  }

  /** Crews at work, each with the recipes it serves. */
  *serving(): Iterable<{ crew: Crew; recipes: ReadonlySet<string> }> {
    const byCrew = new Map<Crew, Set<string>>();
    for (const [recipe, { crew }] of this.seats) {
      if (crew !== null) byCrew.set(crew, (byCrew.get(crew) ?? new Set()).add(recipe));
    }
    for (const [crew, recipes] of byCrew) yield { crew, recipes };
  }

  /** Every model that is live really computes. @throws DependencyError as `Crew.prove` says */
  async prove(withinMs: number): Promise<void> {
    await Promise.all([...this.serving()].map(({ crew }) => crew.prove(withinMs)));
  }

  private look(): Promise<void> {
    this.polling = this.lookAtEach().finally(() => {
      if (!this.isStopped) this.timer = setTimeout(() => void this.look(), this.options.pollMs);
    });
    return this.polling;
  }

  private async lookAtEach(): Promise<void> {
    for (const [recipe, seat] of this.seats) {
      try {
        await this.follow(recipe, seat, await this.options.source.active(recipe));
      } catch (error) {
        this.refuse(recipe, seat, { modelId: null, error });
      }
    }
    await this.retire();
  }

  private async follow(recipe: string, seat: Seat, activation: Activation | null): Promise<void> {
    if (this.isStopped) return;
    if (activation === null) {
      const detail = `No model is promoted for recipe ${recipe}. Promote one: lineside promote ID --recipe ${recipe} --by NAME`;
      if (seat.crew === null) seat.problem = { reason: 'NO_MODEL', detail };
      return;
    }
    const { modelId, by } = activation;
    if (seat.crew?.modelId === modelId) return;
    const { refused } = seat;
    if (refused !== null && refused.modelId === modelId && performance.now() - refused.at < RETRY_AFTER_MS) return;
    let crew: Crew;
    try {
      crew = await this.crewFor(modelId);
    } catch (error) {
      if (this.isStopped) return;
      seat.refused = { modelId, at: performance.now() };
      this.refuse(recipe, seat, { modelId, error });
      return;
    }
    // The switch: frames not yet handed out go to the new model, those at the old one keep its name.
    seat.previous = seat.crew ?? seat.previous;
    seat.crew = crew;
    seat.problem = null;
    seat.refused = null;
    this.options.onChange({ event: 'model-live', recipe, modelId, by });
  }

  private async crewFor(modelId: string): Promise<Crew> {
    const warm = this.crews.get(modelId);
    if (warm !== undefined) return warm;
    const crew = this.options.makeCrew(modelId);
    this.crews.set(modelId, crew);
    try {
      // Frames of other models have the machine first: a swap must not make them late.
      await crew.start({ gently: [...this.seats.values()].some((seat) => seat.crew !== null) });
    } catch (error) {
      this.crews.delete(modelId);
      throw error;
    }
    return crew;
  }

  private refuse(recipe: string, seat: Seat, { modelId, error }: { modelId: string | null; error: unknown }): void {
    const code = codeOf(error);
    const detail = messageOf(error);
    const news = `${modelId} ${code}`;
    if (seat.crew === null) seat.problem = { reason: reasonOf(code), detail };
    if (this.lastNews.get(recipe) === news) return;
    this.lastNews.set(recipe, news);
    this.options.onChange({ event: 'model-refused', recipe, modelId, code, message: detail });
  }

  /** Models that neither inspect nor wait as the one before give their memory back. */
  private async retire(): Promise<void> {
    const kept = new Set([...this.seats.values()].flatMap(({ crew, previous }) => [crew, previous]));
    for (const [modelId, crew] of this.crews) {
      if (kept.has(crew)) continue;
      this.crews.delete(modelId);
      await crew.stop();
    }
  }
}

function reasonOf(code: string): NotReadyReason {
  if (code === 'MODEL_HASH' || code === 'GOLDEN_CHECK') return code;
  if (code === 'RUNTIME_MISSING' || code === 'PRECISION_MISSING') return 'RUNTIME';
  if (code === 'WORKER_DIED' || code === 'WORKER_STALLED') return 'WORKERS';
  return 'NO_MODEL';
}
