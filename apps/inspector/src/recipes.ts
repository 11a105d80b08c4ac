import { commonProducts, type InspectorConfig } from '#config';
import type { Region } from '#contracts';
import { CameraFigures } from './health/camera-figures.js';
import { CameraClock } from './ingest/camera-clock.js';

/** Everything the line knows of one camera. */
export interface CameraPost {
  readonly clock: CameraClock;
  readonly figures: CameraFigures;
}

/** What the configuration says of cameras and recipes, by name. */
export class Recipes {
  /** Recipe of each camera where a frame names none. */
  readonly byCamera: ReadonlyMap<string, string>;
  private readonly current: Map<string, string>;
  private readonly byName: ReadonlyMap<string, InspectorConfig['recipes'][number]>;

  constructor(private readonly config: Pick<InspectorConfig, 'cameras' | 'recipes' | 'broker'>) {
    this.current = new Map(config.cameras.map(({ name, recipe }) => [name, recipe]));
    this.byCamera = this.current;
    this.byName = new Map(config.recipes.map((recipe) => [recipe.name, recipe]));
  }

  get cameras(): string[] {
    return [...this.byCamera.keys()];
  }

  get names(): string[] {
    return [...this.byName.keys()];
  }

  /** From now on this camera inspects this recipe, with its model, region and deadline. */
  switchTo(camera: string, recipe: string): void {
    this.current.set(camera, recipe);
  }

  /** Region that overrides the card's for this recipe and camera; null = the card's. */
  roiOf(recipe: string, camera: string): Region | null {
    const regions = this.byName.get(recipe)?.roi ?? {};
    // A camera may be called `constructor`.
    return Object.hasOwn(regions, camera) ? (regions[camera] ?? null) : null;
  }

  /** Window of the gate, ms; that of the camera's own recipe where the named one is unknown. */
  deadlineOf(recipe: string, camera: string): number {
    const known = this.byName.get(recipe) ?? this.byName.get(this.byCamera.get(camera) ?? '');
    if (known === undefined) throw new RangeError(`expected a configured camera, got ${camera}`);
    return known.deadlineMs;
  }

  /** One product has all of these recipes: together they may judge a part. One that is not configured has its own. */
  areOfOneProduct(names: readonly string[]): boolean {
    return commonProducts(names.map((name) => this.byName.get(name) ?? { name, products: [] })).length > 0;
  }

  /** So many equal pictures in a row are a frozen camera; null = not looked at. */
  frozenAfter(camera: string): number | null {
    return this.config.cameras.find(({ name }) => name === camera)?.frozenAfter ?? null;
  }

  /** A fresh post for every camera. */
  makePosts(): Map<string, CameraPost> {
    const { transportAllowanceMs } = this.config.broker;
    return new Map(
      this.config.cameras.map(({ name, clockSync, clockToleranceMs }) => {
        const rules = { isSynchronised: clockSync, toleranceMs: clockToleranceMs, transportAllowanceMs };
        return [name, { clock: new CameraClock(rules), figures: new CameraFigures() }];
      }),
    );
  }
}
