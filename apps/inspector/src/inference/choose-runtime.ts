import { createHash } from 'node:crypto';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { DependencyError, InputError, messageOf, type Place, type Precision, type RuntimeName } from '#contracts';
import { readCard } from '#model/artefact';
import { acceptedPrecisions, type ModelCard } from '#model/card';
import { findRuntimes } from '#model/runtime/find-runtimes';
import { isWorthTrying, problemOf } from '#model/runtime/place';
import { installedVersion } from '#model/runtime/provider-files';
import { ChoiceMemory } from './choice-memory.js';
import { type Failed, TRIAL_KILLED, type Trial, type TrialOrder, tryRuntime } from './trial.js';

/**
 * A trial whose process ends in the middle may say nothing of its runtime: where memory runs short the system ends it, or it
 * aborts by itself. At so many starts in a row it is not made again.
 */
const KILLED_STARTS = 3;
const ENDINGS: ReadonlySet<string> = new Set([TRIAL_KILLED, 'WORKER_DIED']);

/** What the configuration asks for. */
export interface Wanted {
  readonly runtime: RuntimeName | 'auto';
  readonly precision: Precision | 'auto';
}

/** Where a model will compute, and how that came about. */
export interface Choice {
  readonly place: Place;
  /** `only`: nothing was left to choose. `trial`: the fastest of those tried now. `memory`: of an earlier start's. */
  readonly by: 'only' | 'trial' | 'memory';
  /** As measured by the trial; null where none was made. */
  readonly msPerPicture: number | null;
  /** From memory: those that failed. */
  readonly trials: readonly Trial[];
  readonly engineDir: string;
  readonly key: string;
}

export interface ChooserOptions {
  readonly wanted: Wanted;
  readonly maxPixels: number;
  /** Folder of the choices remembered and of TensorRT's engines. */
  readonly dir: string;
  /** Told when a choice cannot be remembered: it is made again at the next start. */
  readonly onForgetful: (message: string) => void;
  readonly tryRuntime?: typeof tryRuntime;
}

/** Decides once per model where it computes, for all of its workers. */
export class RuntimeChooser {
  private readonly memory: ChoiceMemory;

  constructor(private readonly options: ChooserOptions) {
    this.memory = new ChoiceMemory(join(options.dir, 'runtimes.json'));
  }

  /**
   * The place that is asked for, or the fastest that passes its device check.
   * @throws InputError PRECISION_MISSING when the model cannot be run as asked; MODEL_MISSING | CARD_INVALID
   * @throws DependencyError with the code of what failed in the plainest place, when none passes
   * @throws AbortError when the signal ends a trial
   */
  async choose(modelDir: string, signal: AbortSignal): Promise<Choice> {
    const { card, cardSha256 } = await readCard(modelDir);
    const { wanted, maxPixels } = this.options;
    const places = placesFor(card, { wanted, present: wanted.runtime === 'auto' ? await findRuntimes() : [] });
    const key = keyOf(cardSha256, places);
    // Engines fit one graph on one kind of GPU; TensorRT adds the GPU to the names itself.
    const engineDir = join(this.options.dir, 'engines', cardSha256.slice(0, 16));
    const about = { key, engineDir };
    const [only, ...others] = places;
    if (only !== undefined && others.length === 0)
      return { ...about, place: only, by: 'only', msPerPicture: null, trials: [] };
    const known = await this.memory.find(key);
    const killedBefore = known?.killed ?? 0;
    if (known !== null && (killedBefore === 0 || killedBefore >= KILLED_STARTS)) {
      const { runtime, precision, msPerPicture, failed } = known;
      return { ...about, place: { runtime, precision }, by: 'memory', msPerPicture, trials: failed };
    }
    const { tryRuntime: ask = tryRuntime, onForgetful } = this.options;
    const trials = await tryAll(places, { order: { modelDir, maxPixels, engineDir }, signal, ask });
    const { msPerPicture, ...place } = fastest(trials, card);
    const failed = trials.flatMap((trial) => (trial.ok ? [] : [trial]));
    const killed = failed.filter(({ code }) => ENDINGS.has(code));
    const killedStarts = killed.length === 0 ? 0 : killedBefore + 1;
    if (killed[0] !== undefined) onForgetful(sayKilled(killed[0], killedStarts));
    await this.memory
      .keep({ key, ...place, msPerPicture, killed: killedStarts, failed })
      .catch((error) => onForgetful(messageOf(error)));
    return { ...about, place, by: 'trial', msPerPicture, trials };
  }

  /** What was remembered does not pass any more: the next choice is made by trial. */
  async forget({ key }: Choice): Promise<void> {
    await this.memory.forget(key).catch((error) => this.options.onForgetful(messageOf(error)));
  }
}

/**
 * Every place that is asked for and that this model can compute in, the likely fastest runtime first. Of precisions that
 * nobody named, those that may be the fastest.
 */
function placesFor(card: ModelCard, { wanted, present }: { wanted: Wanted; present: readonly RuntimeName[] }): Place[] {
  const runtimes = wanted.runtime === 'auto' ? present : [wanted.runtime];
  const accepted = acceptedPrecisions(card).map(({ precision }) => precision);
  const precisions = wanted.precision === 'auto' ? accepted : [wanted.precision];
  const all = runtimes.flatMap((runtime) => precisions.map((precision): Place => ({ runtime, precision })));
  const possible = all.filter(
    (place) => problemOf(card, place) === null && (wanted.precision !== 'auto' || isWorthTrying(place)),
  );
  if (possible.length > 0) return possible;
  const problem = all.map((place) => problemOf(card, place)).at(-1);
  const remedy = 'The setting is inference.precision; auto takes what the model has.';
  throw new InputError('PRECISION_MISSING', `${problem ?? `Model ${card.id} has no accepted precision.`} ${remedy}`);
}

/** A choice holds as long as the model, what it is chosen from, the machine and the runtime stay. */
function keyOf(cardSha256: string, places: readonly Place[]): string {
  const machine = [process.platform, process.arch, cpus().length, cpus()[0]?.model];
  const about = [cardSha256, places, machine, process.versions.node, installedVersion()];
  return createHash('sha256').update(JSON.stringify(about)).digest('hex');
}

/** One after the other: two that compute at once would slow each other. */
async function tryAll(
  places: readonly Place[],
  {
    order,
    signal,
    ask,
  }: { order: Omit<TrialOrder, 'runtime' | 'precisions'>; signal: AbortSignal; ask: typeof tryRuntime },
): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (const runtime of new Set(places.map((place) => place.runtime))) {
    const precisions = places.filter((place) => place.runtime === runtime).map(({ precision }) => precision);
    trials.push(...(await ask({ ...order, runtime, precisions }, signal)));
  }
  return trials;
}

function sayKilled({ message }: Failed, starts: number): string {
  const next = starts < KILLED_STARTS ? 'It is tried again at the next start' : 'It is tried no more';
  return `${message} ${next}; without runtimes.json in the data folder everything is.`;
}

function fastest(trials: readonly Trial[], card: ModelCard): Place & { msPerPicture: number } {
  const passed = trials.flatMap((trial) => (trial.ok ? [trial] : []));
  const [first, ...others] = passed;
  if (first !== undefined) {
    const { runtime, precision, msPerPicture } = others.reduce(
      (best, trial) => (trial.msPerPicture < best.msPerPicture ? trial : best),
      first,
    );
    return { runtime, precision, msPerPicture };
  }
  const failed = trials.flatMap((trial) => (trial.ok ? [] : [trial]));
  // The plainest place is the last runtime's fp32: its problem is the one to mend first.
  const plainest: Failed | undefined = failed.filter(({ precision }) => precision === 'fp32').at(-1) ?? failed.at(-1);
  throw new DependencyError(
    plainest?.code ?? 'RUNTIME_MISSING',
    plainest?.message ?? `No runtime computes model ${card.id} here.`,
  );
}
