import { type Activation, Registry } from '#registry';
import type { ModelSource } from './lineup.js';

/** The registry as the lineup sees it. It may be made after the inspector started: opened when it is first there. */
export class RegistrySource implements ModelSource {
  private registry: Registry | null = null;

  /** @param challenger model that looks on in every recipe, promoted or not; null = the active ones inspect */
  constructor(
    private readonly dir: string,
    private readonly challenger: string | null,
  ) {}

  /** @throws DependencyError REGISTRY_MISSING, InputError REGISTRY_INVALID | HISTORY_INVALID */
  async active(): Promise<(recipe: string) => Activation | null> {
    this.registry ??= await Registry.open(this.dir);
    const { challenger } = this;
    if (challenger !== null) return (recipe) => lookOn(challenger, recipe);
    const active = await this.registry.activations();
    return (recipe) => active.get(recipe) ?? null;
  }

  /** Directory of a model that `active` named. @throws InputError MODEL_UNKNOWN */
  path(modelId: string): string {
    if (this.registry === null) throw new RangeError('expected an open registry');
    return this.registry.path(modelId);
  }
}

function lookOn(modelId: string, recipe: string): Activation {
  return { recipe, modelId, cardSha256: null, by: 'shadow', at: new Date().toISOString(), previous: null };
}
