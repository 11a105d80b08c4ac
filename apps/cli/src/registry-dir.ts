import { loadInspectorConfig } from '#config';
import { InputError } from '#contracts';

/** The registry a command means: the one it is told, or the one the shipped configuration names. */
export function registryDir(given: string | undefined): string {
  return given ?? loadInspectorConfig().registry.dir;
}

/**
 * The recipe a command means: the one it is told, or the only one the shipped configuration has.
 * @throws InputError USAGE where there are several to choose from
 */
export function recipeName(given: string | undefined): string {
  if (given !== undefined) return given;
  const names = loadInspectorConfig().recipes.map(({ name }) => name);
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return only;
  throw new InputError('USAGE', `Which recipe? Say --recipe with one of ${names.join(', ')}.`);
}
