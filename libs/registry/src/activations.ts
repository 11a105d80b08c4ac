import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { InputError, messageOf, systemCodeOf, Timestamp } from '#contracts';
import { namesIn, storageError, writeOnce } from './durable.js';

/** Which model inspects a recipe, since when and by whose word. */
export interface Activation {
  readonly recipe: string;
  readonly modelId: string;
  /** Hash of the model's card when it was promoted; null where the history is older than that. */
  readonly cardSha256: string | null;
  readonly by: string;
  /** RFC 3339 UTC. */
  readonly at: string;
  /** Model that a rollback returns to; null when there is none. */
  readonly previous: string | null;
}

/** One act of a person, kept for good. */
export const ActivationEntry = z.strictObject({
  schema: z.literal('lineside.activation/1'),
  action: z.enum(['activate', 'rollback']),
  recipe: z.string(),
  /** Model that is active after this act. */
  modelId: z.string(),
  /** Hash of its card: what the person answers for. Absent in entries of versions that did not write it. */
  cardSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  by: z.string(),
  at: Timestamp,
});
export type ActivationEntry = z.infer<typeof ActivationEntry>;

/** Room for a million acts; file names then sort by number. */
const DIGITS = 6;

/**
 * The history of activations: one file per act, numbered, written once, never changed. A number belongs to whoever
 * links it first, so two people who act at the same moment act one after the other. What is active follows from the
 * acts alone; nothing else can be out of step with them.
 */
export class Activations {
  readonly #dir: string;
  readonly #scratch: string;
  /** Entries never change, so those already read stay read: until the history is another one, put back from a copy. */
  #known: ActivationEntry[] = [];
  /** What follows from the first so many acts of a history. */
  #active: {
    readonly history: readonly ActivationEntry[];
    readonly acts: number;
    readonly byRecipe: ReadonlyMap<string, Activation>;
  } = { history: [], acts: 0, byRecipe: new Map() };

  /** @param scratch directory on the same file system for unfinished files */
  constructor(dir: string, scratch: string) {
    this.#dir = dir;
    this.#scratch = scratch;
  }

  /**
   * All acts, oldest first.
   * @throws InputError HISTORY_INVALID when an entry is missing or was changed by hand; DependencyError REGISTRY_STORAGE
   */
  async entries(): Promise<readonly ActivationEntry[]> {
    return (await this.#read()).slice();
  }

  /** @returns all acts; grows when somebody acts */
  async #read(): Promise<readonly ActivationEntry[]> {
    for (;;) {
      const known = await this.#readOn();
      const next = known.length;
      if ((await this.#highest()) < next) return known;
      // Somebody acted in between, or there is a hole.
      const again = await this.#readOn();
      if (again === known && again.length === next) throw damaged(join(this.#dir, nameOf(next)), 'it is missing');
    }
  }

  async #readOn(): Promise<readonly ActivationEntry[]> {
    const before = this.#known;
    if (!(await this.#isStill(before)) && this.#known === before) this.#known = [];
    const known = this.#known;
    for (let number = known.length; ; number++) {
      const entry = await this.#readEntry(number);
      if (entry === null) return known;
      // By number, not pushed: another reader in this process may be here at the same time.
      known[number] = entry;
    }
  }

  /** The last act read is still there: else all of it is another history, and what was read says nothing. */
  async #isStill(known: readonly ActivationEntry[]): Promise<boolean> {
    const { length } = known;
    return length === 0 || isDeepStrictEqual(known.at(-1), await this.#readEntry(length - 1));
  }

  #readEntry(number: number): Promise<ActivationEntry | null> {
    return readEntry(join(this.#dir, nameOf(number)));
  }

  async #highest(): Promise<number> {
    const numbers = (await namesIn(this.#dir)).map((name) => Number.parseInt(name, 10));
    return numbers.reduce((highest, number) => (number > highest ? number : highest), -1);
  }

  /** What is active, by recipe; worked out anew where somebody acted. */
  async active(): Promise<ReadonlyMap<string, Activation>> {
    const history = await this.#read();
    const { length: acts } = history;
    const isNews = history !== this.#active.history || acts !== this.#active.acts;
    if (isNews) this.#active = { history, acts, byRecipe: activationsOf(history) };
    return this.#active.byRecipe;
  }

  /**
   * Append one act. `decide` is asked again when somebody else acted in between: what it finds holds for the history
   * that the act follows.
   * @returns the history up to this act, this one included
   * @throws DependencyError DISK_FULL | REGISTRY_STORAGE, and whatever `decide` throws
   */
  async append(
    decide: (current: readonly ActivationEntry[]) => Promise<ActivationEntry>,
  ): Promise<readonly ActivationEntry[]> {
    for (;;) {
      const current = await this.entries();
      const entry = await decide(current);
      const file = join(this.#dir, nameOf(current.length));
      const isOurs = await writeOnce(file, `${JSON.stringify(entry)}\n`, this.#scratch).catch((error: unknown) => {
        throw storageError(error, `writing ${file}`);
      });
      if (isOurs) return [...current, entry];
    }
  }
}

/**
 * Read the acts of each recipe as a stack: an activation lays a model on top, a rollback takes the top away. So a
 * rollback never returns to the model that was just rolled back.
 */
export function activationsOf(entries: readonly ActivationEntry[]): ReadonlyMap<string, Activation> {
  const stacks = new Map<string, string[]>();
  const last = new Map<string, ActivationEntry>();
  for (const entry of entries) {
    const stack = stacks.get(entry.recipe) ?? [];
    if (entry.action === 'rollback') stack.pop();
    else if (stack.at(-1) !== entry.modelId) stack.push(entry.modelId);
    stacks.set(entry.recipe, stack);
    last.set(entry.recipe, entry);
  }
  return new Map(
    [...last].map(([recipe, { modelId, by, at }]) => {
      const previous = stacks.get(recipe)?.at(-2) ?? null;
      return [recipe, { recipe, modelId, cardSha256: cardOf(entries, modelId), by, at, previous }];
    }),
  );
}

/** Hash of a model's card at its first act in any recipe: models never change. Null where none is known. */
export function cardOf(entries: readonly ActivationEntry[], modelId: string): string | null {
  return entries.find((entry) => entry.modelId === modelId && entry.cardSha256 !== undefined)?.cardSha256 ?? null;
}

function nameOf(number: number): string {
  return `${String(number).padStart(DIGITS, '0')}.json`;
}

async function readEntry(file: string): Promise<ActivationEntry | null> {
  try {
    return ActivationEntry.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw systemCodeOf(error) === null ? damaged(file, messageOf(error)) : storageError(error, `reading ${file}`);
  }
}

function damaged(file: string, why: string): InputError {
  return new InputError(
    'HISTORY_INVALID',
    `History of activations is damaged at ${file}: ${why}. It is append-only and was changed from outside; restore it from a backup (docs/backup.md).`,
  );
}
