import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, DependencyError } from '#contracts';
import { type Artefact, CARD_FILE, openArtefact } from '#model/artefact';
import { Registry } from '#registry';
import { registryDir } from './registry-dir.js';

/**
 * Open a trained model by its directory, or by its id in a registry. A folder that holds no model may have a model's id.
 * @throws InputError MODEL_MISSING | MODEL_UNKNOWN | CARD_INVALID | MODEL_HASH; DependencyError REGISTRY_MISSING
 */
export async function findModel(model: string, registry: string | undefined): Promise<Artefact> {
  // A word with a slash was meant as a path: say that no model is there, not that the registry lacks it.
  if (model.includes('/') || (await isThere(join(model, CARD_FILE)))) return openArtefact(model);
  const dir = await findInRegistry(model, registry).catch(async (error: unknown) => {
    if (await isThere(model)) return model;
    throw error;
  });
  return openArtefact(dir);
}

async function findInRegistry(id: string, registry: string | undefined): Promise<string> {
  const dir = registryDir(registry);
  const opened = await Registry.open(dir).catch((cause: unknown) => {
    if (codeOf(cause) !== 'REGISTRY_MISSING') throw cause;
    throw new DependencyError(
      'REGISTRY_MISSING',
      `No model ${id}: no folder is called so, and there is no registry in ${dir} to look it up. Correct the name, say where models live (--registry DIR), or train one first.`,
      { cause },
    );
  });
  return opened.path(id);
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
