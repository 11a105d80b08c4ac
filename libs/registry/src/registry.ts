import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, InvariantError, messageOf, RefusedError, systemCodeOf, TopicSegment } from '#contracts';
import { type Artefact, CARD_FILE, openArtefact, parseCard } from '#model/artefact';
import { ModelCard } from '#model/card';
import { type Activation, type ActivationEntry, Activations, activationsOf, cardOf } from './activations.js';
import { assertAdmissible, isModelId } from './admission.js';
import { copyDurably, discard, namesIn, storageError, syncDirectory, writeSynced } from './durable.js';
import { createMarker, FOLDERS, readMarker } from './marker.js';
import { personName } from './person.js';

/** Nobody copies one model for a day: what is older was left by a process that died. */
const ABANDONED_MS = 24 * 60 * 60 * 1000;
/** A block of the usual file systems: less may fit where nothing else does. */
const PROBE_BYTES = 4_096;

export interface RegistryOptions {
  /** Make the registry when the directory is empty or not there. */
  readonly create?: boolean;
  /** With `create`: a registry of a demonstration, where the name `demo` may promote. It can never be changed. */
  readonly demo?: boolean;
}

export interface ModelList {
  /** Newest first. */
  readonly cards: readonly ModelCard[];
  /** Why each of the others cannot be read, with its file. */
  readonly unreadable: readonly string[];
}

/**
 * The store of trained models in a directory: models go in whole and never change, and per recipe one of them is
 * active. Safe for several processes at once and against a crash at any moment: a model or an activation is there
 * completely or not at all. Holds no open files.
 */
export class Registry {
  readonly dir: string;
  /** True where the name `demo` may promote. */
  readonly isDemo: boolean;
  readonly #activations: Activations;

  private constructor(dir: string, isDemo: boolean) {
    this.dir = dir;
    this.isDemo = isDemo;
    this.#activations = new Activations(join(dir, FOLDERS.activations), join(dir, FOLDERS.unfinished));
  }

  /**
   * @throws DependencyError REGISTRY_MISSING when there is none and it is not to be created
   * @throws InputError REGISTRY_INVALID when the directory holds something else
   * @throws RefusedError REGISTRY_NOT_DEMO when a demonstration is asked for and the registry is a real one
   * @throws DependencyError DISK_FULL | REGISTRY_STORAGE when it cannot be created or read
   */
  static async open(dir: string, options: RegistryOptions = {}): Promise<Registry> {
    if (options.create) await createMarker(dir, options.demo ?? false);
    const { demo } = await readMarker(dir);
    if (options.demo && !demo) {
      throw new RefusedError(
        'REGISTRY_NOT_DEMO',
        `Registry ${dir} was not created for a demonstration and does not become one. Use another directory.`,
      );
    }
    return new Registry(dir, demo);
  }

  /**
   * Take a trained model into the store: check its card, the hash of every file and its certification, copy it.
   * A model that is already there with the same card is simply returned.
   * @throws InputError MODEL_MISSING | CARD_INVALID | MODEL_HASH for an artefact that is not sound
   * @throws RefusedError CERTIFICATION_FAILED, MODEL_EXISTS (other model, same id)
   * @throws DependencyError DISK_FULL | REGISTRY_STORAGE; nothing half-written stays
   */
  async put(artefactDir: string): Promise<ModelCard> {
    const artefact = await openArtefact(artefactDir);
    assertAdmissible(artefact);
    const { card } = artefact;
    if (existsSync(this.#folderOf(card.id))) return this.#sameModel(artefact);
    const unfinished = join(this.dir, FOLDERS.unfinished, `${card.id}.${randomUUID()}`);
    try {
      await this.#discardAbandoned();
      await copyDurably([...Object.keys(card.files), CARD_FILE], artefactDir, unfinished);
      // What was checked above is not what was copied if somebody wrote in between.
      await openArtefact(unfinished);
      await rename(unfinished, this.#folderOf(card.id));
      await syncDirectory(join(this.dir, FOLDERS.models));
    } catch (error) {
      await discard(unfinished);
      if (existsSync(this.#folderOf(card.id))) return this.#sameModel(artefact);
      throw storageError(error, `storing model ${card.id} in ${this.dir}`);
    }
    return card;
  }

  /** Every model: one card that was changed by hand, or is of another version, hides no other. */
  async list(): Promise<ModelList> {
    const ids = await namesIn(join(this.dir, FOLDERS.models));
    const read = await Promise.allSettled(ids.filter(isModelId).map((id) => this.card(id)));
    const cards = read.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    return {
      cards: cards.sort((a, b) => b.createdTs.localeCompare(a.createdTs) || a.id.localeCompare(b.id)),
      unreadable: read.flatMap((one) => (one.status === 'rejected' ? [messageOf(one.reason)] : [])),
    };
  }

  /** @throws InputError MODEL_UNKNOWN | CARD_INVALID */
  async card(id: string): Promise<ModelCard> {
    const file = join(this.path(id), CARD_FILE);
    const text = await readFile(file, 'utf8').catch((cause: unknown) => {
      throw new InputError(
        'CARD_INVALID',
        `Model card ${file} cannot be read: ${messageOf(cause)}. Models in a registry never change: restore it from a backup (docs/backup.md).`,
        { cause },
      );
    });
    return parseCard(text, file);
  }

  /** Directory of a model's artefact; nobody writes there. @throws InputError MODEL_UNKNOWN */
  path(id: string): string {
    const folder = this.#folderOf(id);
    if (isModelId(id) && existsSync(folder)) return folder;
    throw new InputError('MODEL_UNKNOWN', `Registry ${this.dir} has no model ${id}. See lineside models list.`);
  }

  /** What inspects a recipe; null when nothing was activated for it. @throws InputError HISTORY_INVALID */
  async active(recipe: string): Promise<Activation | null> {
    return (await this.activations()).get(recipe) ?? null;
  }

  /** What inspects each recipe that ever had a model; cheap to ask again and again. @throws InputError HISTORY_INVALID */
  activations(): Promise<ReadonlyMap<string, Activation>> {
    return this.#activations.active();
  }

  /** Every activation and rollback, oldest first; of one recipe or of all. @throws InputError HISTORY_INVALID */
  async history(recipe?: string): Promise<ActivationEntry[]> {
    const entries = await this.#activations.entries();
    return entries.filter((entry) => recipe === undefined || entry.recipe === recipe);
  }

  /**
   * Let a model inspect a recipe from now on. Its files are checked once more first.
   * @param request `by` is the person who answers for it; `from` the model it was held against, null where none was
   *   active; default: whatever is active now
   * @throws RefusedError PROMOTE_NAME, PROMOTE_DEMO_NAME, MODEL_UNKNOWN, CERTIFICATION_FAILED, PROMOTE_OVERTAKEN when
   *   `from` is no longer active
   * @throws InputError RECIPE_NAME, CARD_INVALID, MODEL_HASH, HISTORY_INVALID; DependencyError DISK_FULL | REGISTRY_STORAGE
   */
  async activate(request: { id: string; recipe: string; by: string; from?: string | null }): Promise<Activation> {
    const { id, recipe, from } = request;
    const by = personName(request.by, this);
    assertRecipe(recipe);
    return this.#append({ action: 'activate', recipe, by }, (current) => {
      if (from !== undefined) assertNotOvertaken(current, { id, recipe, from });
      return id;
    });
  }

  /**
   * Return to the model that was active before the current one.
   * @param request `from` is the model to leave, where the person has seen it; default: whatever is active now
   * @throws RefusedError NOTHING_TO_ROLL_BACK, ROLLBACK_OVERTAKEN when `from` is no longer active, so that two people
   *   who leave the same model do not go back two models; and everything that `activate` throws
   */
  async rollback(request: { recipe: string; by: string; from?: string }): Promise<Activation> {
    const { recipe } = request;
    const by = personName(request.by, this);
    assertRecipe(recipe);
    const from = request.from ?? (await this.active(recipe))?.modelId ?? null;
    return this.#append({ action: 'rollback', recipe, by }, (current) => previousOf(current, { recipe, from }));
  }

  /**
   * Write something and take it away: whether a model or an activation could be stored now.
   * @throws DependencyError DISK_FULL | REGISTRY_STORAGE
   */
  async probe(): Promise<void> {
    const file = join(this.dir, FOLDERS.unfinished, `probe.${randomUUID()}`);
    try {
      await writeSynced(file, 'x'.repeat(PROBE_BYTES));
    } catch (error) {
      throw storageError(error, `writing ${file}`);
    } finally {
      await discard(file);
    }
  }

  /** @param choose the model that is active from then on; its files are checked against the history that the act follows */
  async #append(
    act: Pick<ActivationEntry, 'action' | 'recipe' | 'by'>,
    choose: (current: Activation | null) => string,
  ): Promise<Activation> {
    const { recipe } = act;
    const history = await this.#activations.append(async (entries) => {
      const modelId = choose(activationsOf(entries).get(recipe) ?? null);
      const cardSha256 = await this.#assertSound(modelId, cardOf(entries, modelId));
      return { schema: 'lineside.activation/1', ...act, modelId, cardSha256, at: new Date().toISOString() };
    });
    const active = activationsOf(history).get(recipe);
    if (active !== undefined) return active;
    throw new InvariantError(`Activation of recipe ${recipe} is not in the history that it ends.`);
  }

  #folderOf(id: string): string {
    return join(this.dir, FOLDERS.models, id);
  }

  /**
   * @param known hash that its card had at its first act; null before
   * @returns the hash of its card
   */
  async #assertSound(id: string, known: string | null): Promise<string> {
    if (!isModelId(id) || !existsSync(this.#folderOf(id))) {
      throw new RefusedError(
        'MODEL_UNKNOWN',
        `Registry ${this.dir} has no model ${id}; only models in it can be activated. See lineside models list.`,
      );
    }
    const artefact = await openArtefact(this.#folderOf(id), { cardSha256: known });
    assertAdmissible(artefact);
    return artefact.cardSha256;
  }

  async #sameModel({ card, cardSha256 }: Artefact): Promise<ModelCard> {
    const stored = await openArtefact(this.#folderOf(card.id));
    if (stored.cardSha256 === cardSha256) return stored.card;
    throw new RefusedError(
      'MODEL_EXISTS',
      `Registry ${this.dir} has another model with id ${card.id}, and models never change. Train or export under a new id.`,
    );
  }

  async #discardAbandoned(): Promise<void> {
    const scratch = join(this.dir, FOLDERS.unfinished);
    for (const name of await readdir(scratch)) {
      const { mtimeMs } = await stat(join(scratch, name)).catch((error: unknown) => {
        // Finished and renamed by its owner just now.
        if (systemCodeOf(error) === 'ENOENT') return { mtimeMs: Number.POSITIVE_INFINITY };
        throw error;
      });
      if (Date.now() - mtimeMs > ABANDONED_MS) await discard(join(scratch, name));
    }
  }
}

function previousOf(active: Activation | null, { recipe, from }: { recipe: string; from: string | null }): string {
  if (active?.previous == null) {
    throw new RefusedError(
      'NOTHING_TO_ROLL_BACK',
      `Recipe ${recipe} has no earlier model to return to${active === null ? ': nothing was ever activated for it' : ` than ${active.modelId}`}.`,
    );
  }
  if (active.modelId === from) return active.previous;
  throw new RefusedError(
    'ROLLBACK_OVERTAKEN',
    `Rollback of recipe ${recipe} was overtaken: expected to leave ${from}, but ${active.modelId} is active since ${active.at} by ${active.by}. Look again and decide again.`,
  );
}

function assertNotOvertaken(
  active: Activation | null,
  { id, recipe, from }: { id: string; recipe: string; from: string | null },
): void {
  if ((active?.modelId ?? null) === from) return;
  const now = active === null ? 'none is' : `${active.modelId} is, since ${active.at} by ${active.by}`;
  throw new RefusedError(
    'PROMOTE_OVERTAKEN',
    `Promotion of ${id} for recipe ${recipe} was overtaken: it was held against ${from ?? 'no model'}, expected to be active still, but ${now}. Run it again to compare anew.`,
  );
}

function assertRecipe(recipe: string): void {
  const parsed = TopicSegment.safeParse(recipe);
  if (parsed.success) return;
  throw new InputError('RECIPE_NAME', `Recipe ${JSON.stringify(recipe)} is no legal name: ${messageOf(parsed.error)}.`);
}
