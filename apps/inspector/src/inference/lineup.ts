import { codeOf, messageOf, type NotReadyReason } from '#contracts';
import type { Activation } from '#registry';
import type { Crew } from './crew.js';

/** A model that failed its checks is not tried again before this time has passed, ms. */
const RETRY_AFTER_MS = 60_000;

/** What the lineup reads of the registry. */
export interface ModelSource {
  /** One look: tells of every recipe which model is to inspect it, null where none was promoted. */
  active(): Promise<(recipe: string) => Activation | null>;
}

export interface LineupOptions {
  readonly source: ModelSource;
  readonly recipes: readonly string[];
  readonly pollMs: number;
  /** A crew for this model, not yet started. */
  readonly makeCrew: (wanted: Activation) => Crew;
  readonly onChange: (news: LineupNews) => void;
}

/** What is wrong with the model that a recipe asks for. */
interface Refusal {
  /** Null: the registry does not say which. */
  readonly modelId: string | null;
  readonly code: string;
  readonly message: string;
  /** Monotonic ms. */
  readonly at: number;
}

export type LineupNews =
  | { readonly event: 'model-live'; readonly recipe: string; readonly modelId: string; readonly by: string }
  | ({ readonly event: 'model-refused'; readonly recipe: string } & Omit<Refusal, 'at'>)
  /** What was refused of this recipe is live, or no longer asked for. */
  | { readonly event: 'refusal-over'; readonly recipe: string };

export interface Problem {
  readonly reason: NotReadyReason;
  readonly detail: string;
}

interface Seat {
  /** What the registry names, as it was read last; undefined before the first time. */
  wanted: Activation | null | undefined;
  crew: Crew | null;
  /** The model before: kept warm, so that a rollback is a switch and not a start. */
  previous: Crew | null;
  /** The registry cannot be read. */
  unread: Refusal | null;
  /** The wanted model failed its checks. */
  refused: Refusal | null;
  /** The refusal told last: the same one is told once. */
  told: string | null;
}

/**
 * Which model inspects which recipe. Looks at the registry again and again: a newly promoted model gets its own
 * workers, proves itself, and only then takes over; one that fails changes nothing. New models are opened one after the
 * other beside the looks: a switch to one that is warm waits for none of them.
 */
export class Lineup {
  private readonly seats: ReadonlyMap<string, Seat>;
  /** Proven models by id. */
  private readonly warm = new Map<string, Crew>();
  private opening: Crew | null = null;
  private timer: NodeJS.Timeout | null = null;
  private isStopped = false;
  private polling: Promise<void> = Promise.resolve();
  /** Crews that start or end. */
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly options: LineupOptions) {
    this.seats = new Map(
      options.recipes.map((recipe) => [
        recipe,
        { wanted: undefined, crew: null, previous: null, unread: null, refused: null, told: null },
      ]),
    );
  }

  /** Starts to look; returns when every recipe's first model is live or refused. */
  async start(): Promise<void> {
    await this.look();
    await Promise.all(this.underWay);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    const { crews } = this;
    this.opening = null;
    await Promise.all(crews.map((crew) => crew.stop()));
    await this.polling;
    await Promise.all(this.underWay);
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
    if (seat.crew === null) return whyEmpty(recipe, seat);
    const { trouble } = seat.crew;
    return trouble === null ? null : { reason: 'WORKERS', detail: trouble };
  }

  /** Process ids of all workers, those of the models before and of one being opened included. */
  get pids(): number[] {
    return this.crews.flatMap(({ pids }) => pids);
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
    const found = await this.options.source.active().catch((error: unknown) => refusalOf(null, error));
    if (this.isStopped) return;
    for (const [recipe, seat] of this.seats) {
      if (typeof found === 'function') seat.wanted = found(recipe);
      seat.unread = typeof found === 'function' ? withdrawn(recipe, seat) : found;
      this.follow(recipe, seat);
    }
    this.retire();
    this.track(this.openWanted());
  }

  /** Switch to the wanted model where it is warm, and tell what is new. */
  private follow(recipe: string, seat: Seat): void {
    const { wanted } = seat;
    // A person who asks for it again wants it tried again.
    if (seat.refused?.modelId !== wanted?.modelId) seat.refused = null;
    const crew = wanted && this.warm.get(wanted.modelId);
    if (wanted && crew && crew !== seat.crew) {
      // The switch: frames not yet handed out go to the new model, those at the old one keep its name.
      seat.previous = seat.crew ?? seat.previous;
      seat.crew = crew;
      seat.refused = null;
      this.options.onChange({ event: 'model-live', recipe, modelId: crew.modelId, by: wanted.by });
    }
    this.tellRefusal(recipe, seat);
  }

  private tellRefusal(recipe: string, seat: Seat): void {
    const refusal = seat.unread ?? seat.refused;
    const news = refusal && `${refusal.modelId} ${refusal.code}`;
    if (news === seat.told) return;
    seat.told = news;
    const { onChange } = this.options;
    if (refusal === null) {
      onChange({ event: 'refusal-over', recipe });
    } else {
      const { modelId, code, message } = refusal;
      onChange({ event: 'model-refused', recipe, modelId, code, message });
    }
  }

  /** One after the other, so that trials measure an idle machine and frames keep most of it. */
  private async openWanted(): Promise<void> {
    while (this.opening === null && !this.isStopped) {
      const wanted = this.findCold();
      if (wanted === undefined) return;
      await this.open(wanted);
    }
  }

  /** A model that a recipe asks for, neither warm nor refused a moment ago. */
  private findCold(): Activation | undefined {
    for (const { wanted, refused } of this.seats.values()) {
      if (!wanted || this.warm.has(wanted.modelId)) continue;
      if (refused === null || performance.now() - refused.at >= RETRY_AFTER_MS) return wanted;
    }
    return undefined;
  }

  private async open(wanted: Activation): Promise<void> {
    const { modelId } = wanted;
    let crew: Crew;
    try {
      crew = this.options.makeCrew(wanted);
    } catch (error) {
      return this.settle(modelId, refusalOf(modelId, error));
    }
    this.opening = crew;
    // Frames of other models have the machine first: a swap must not make them late.
    const gently = [...this.seats.values()].some((seat) => seat.crew !== null);
    const refusal = await crew.start({ gently }).then(
      () => null,
      (error: unknown) => refusalOf(modelId, error),
    );
    // Let go meanwhile.
    if (this.opening !== crew) return crew.stop();
    this.opening = null;
    if (refusal === null) this.warm.set(modelId, crew);
    this.settle(modelId, refusal);
  }

  /** A model is warm or refused: so it is for every recipe that asks for it by now. */
  private settle(modelId: string, refusal: Refusal | null): void {
    for (const [recipe, seat] of this.seats) {
      if (seat.wanted?.modelId !== modelId) continue;
      seat.refused = refusal;
      this.follow(recipe, seat);
    }
    this.retire();
  }

  /** Models that neither inspect nor wait as the one before give their memory back; so does one nobody asks for any more. */
  private retire(): void {
    const seats = [...this.seats.values()];
    const kept = new Set(seats.flatMap(({ crew, previous }) => [crew, previous]));
    for (const [modelId, crew] of this.warm) {
      if (kept.has(crew)) continue;
      this.warm.delete(modelId);
      this.track(crew.stop());
    }
    const { opening } = this;
    if (opening === null || seats.some(({ wanted }) => wanted?.modelId === opening.modelId)) return;
    this.opening = null;
    this.track(opening.stop());
  }

  private get crews(): Crew[] {
    return [...this.warm.values(), ...(this.opening === null ? [] : [this.opening])];
  }

  private track(work: Promise<void>): void {
    this.underWay.add(work);
    void work.finally(() => this.underWay.delete(work));
  }
}

function refusalOf(modelId: string | null, error: unknown): Refusal {
  return { modelId, code: codeOf(error), message: messageOf(error), at: performance.now() };
}

/** Acts are only ever added: a history without any is another registry's, in the place of the one that was moved away. */
function withdrawn(recipe: string, { wanted, crew }: Seat): Refusal | null {
  if (wanted !== null || crew === null) return null;
  const message = `The registry names no model for recipe ${recipe} any more, as where another was put in its place. ${crew.modelId} goes on until the inspector ends: put the registry back (docs/backup.md), or promote a model.`;
  return { modelId: null, code: 'NO_MODEL', message, at: performance.now() };
}

/** Why no model inspects this recipe. */
function whyEmpty(recipe: string, { wanted, unread, refused }: Seat): Problem {
  const refusal = unread ?? refused;
  if (refusal !== null) return { reason: reasonOf(refusal.code), detail: refusal.message };
  if (wanted !== null) return { reason: 'STARTING', detail: 'The model is being opened.' };
  const detail = `No model is promoted for recipe ${recipe}. Promote one: lineside promote ID --recipe ${recipe} --by NAME`;
  return { reason: 'NO_MODEL', detail };
}

function reasonOf(code: string): NotReadyReason {
  if (code === 'MODEL_HASH' || code === 'GOLDEN_CHECK') return code;
  if (code === 'RUNTIME_MISSING' || code === 'PRECISION_MISSING') return 'RUNTIME';
  if (code === 'WORKER_DIED' || code === 'WORKER_STALLED' || code === 'TRIAL_KILLED') return 'WORKERS';
  return 'NO_MODEL';
}
