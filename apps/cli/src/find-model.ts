import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Artefact, CARD_FILE, openArtefact } from '#model/artefact';
import { Registry } from '#registry';
import { registryDir } from './registry-dir.js';

/**
 * Open a trained model by its directory, or by its id in a registry.
 * @throws InputError MODEL_MISSING | MODEL_UNKNOWN | CARD_INVALID | MODEL_HASH
 */
export async function findModel(model: string, registry: string | undefined): Promise<Artefact> {
  const isHere = await stat(join(model, CARD_FILE)).then(
    () => true,
    () => false,
  );
  // A word with a slash was meant as a path: say that no model is there, not that the registry lacks it.
  if (isHere || model.includes('/')) return openArtefact(model);
  return openArtefact((await Registry.open(registryDir(registry))).path(model));
}
