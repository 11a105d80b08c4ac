import { InputError, RefusedError } from '#contracts';
import type { Lineup } from '../inference/lineup.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Recipes } from '../recipes.js';
import type { Holds } from '../state/holds.js';

/** Longest wait for the old recipe's frames and parts, ms: none may be decided under the new one's name, or made whole by it. */
const SETTLE_MS = 10_000;
/** Names of settings in the ledger, before the camera's. */
const SETTING = 'recipe ';

/** What a change-over waits for. */
export interface AcceptedFrames {
  /** Frames already accepted. */
  settle(timeoutMs: number): Promise<void>;
  /** And parts begun, which get their verdict with what is there. */
  drain(timeoutMs: number): Promise<void>;
}

export interface ChangeoverOptions {
  readonly recipes: Pick<Recipes, 'byCamera' | 'areOfOneProduct' | 'names' | 'switchTo'>;
  readonly lineup: Pick<Lineup, 'problemOf'>;
  /** Cameras that together see every part; empty where the gate acts on each. */
  readonly partCameras: ReadonlySet<string>;
  readonly line: () => AcceptedFrames;
  readonly ledger: Pick<Ledger, 'set'>;
  readonly holds: Holds;
}

/**
 * From one product to the next: model, region and deadline of a camera switch together. The gates hear NOT_READY
 * first, what comes meanwhile is INCONCLUSIVE(NO_RECIPE), and a restart goes on with the new recipe.
 */
export class Changeover {
  constructor(private readonly options: ChangeoverOptions) {}

  /** @param settings of the ledger. A recipe that is no longer configured gives way to the configured one. */
  restore(settings: Readonly<Record<string, string>>): void {
    const { recipes } = this.options;
    for (const camera of recipes.byCamera.keys()) {
      const recipe = settings[SETTING + camera];
      if (recipe !== undefined && recipes.names.includes(recipe)) recipes.switchTo(camera, recipe);
    }
  }

  /**
   * @throws InputError NO_RECIPE for one that is not configured
   * @throws RefusedError RECIPE_NOT_READY when its model is not; then nothing changed
   * @throws DependencyError LEDGER_WRITE; then nothing changed
   */
  async switchTo(camera: string, recipe: string): Promise<string> {
    const { recipes, lineup, partCameras, line, ledger, holds } = this.options;
    const before = recipes.byCamera.get(camera);
    if (before === recipe) return `${camera} inspects recipe ${recipe} already.`;
    if (!recipes.names.includes(recipe)) {
      throw new InputError('NO_RECIPE', `Recipe ${recipe} is not configured; there are ${recipes.names.join(', ')}.`);
    }
    const problem = lineup.problemOf(recipe);
    if (problem !== null) {
      throw new RefusedError('RECIPE_NOT_READY', `Recipe ${recipe} is not ready: ${problem.reason}: ${problem.detail}`);
    }
    await holds.set(camera, 'CHANGEOVER', `Changing over from ${before} to ${recipe}.`);
    const seeThrough = (): Promise<void> =>
      partCameras.has(camera) ? line().drain(SETTLE_MS) : line().settle(SETTLE_MS);
    try {
      await seeThrough();
      await ledger.set({ name: SETTING + camera, value: recipe });
      recipes.switchTo(camera, recipe);
      // A part begun since then was begun under the recipe before.
      await seeThrough();
    } finally {
      await holds.clear(camera, 'CHANGEOVER');
    }
    return `${camera} inspects recipe ${recipe} now, ${before} before.${this.sayBehind(camera, recipe)}`;
  }

  /**
   * A shadow goes where the line is: no gate hears it, so it waits for nothing. A recipe that it has not configured holds
   * its camera until the line is at one that it has.
   */
  async follow(camera: string, recipe: string): Promise<void> {
    const { recipes, holds } = this.options;
    if (!recipes.names.includes(recipe)) {
      const detail = `The line inspects recipe ${recipe} at ${camera}, which this shadow has not configured; it has ${recipes.names.join(', ')}. Add it to recipes to compare there too.`;
      if (holds.detailOf(camera, 'CHANGEOVER') !== detail) await holds.set(camera, 'CHANGEOVER', detail);
      return;
    }
    recipes.switchTo(camera, recipe);
    await holds.clear(camera, 'CHANGEOVER');
  }

  /** Cameras that see the same parts and inspect another product still. */
  private sayBehind(camera: string, recipe: string): string {
    const { recipes, partCameras } = this.options;
    if (!partCameras.has(camera)) return '';
    const behind = [...partCameras].flatMap((other) => {
      const current = recipes.byCamera.get(other) ?? '';
      return recipes.areOfOneProduct([recipe, current]) ? [] : [`${other} still inspects ${current}`];
    });
    return behind.length === 0
      ? ''
      : ` ${behind.join(', ')}: until it is changed over too no part passes (RECIPES_DIFFER).`;
  }
}
