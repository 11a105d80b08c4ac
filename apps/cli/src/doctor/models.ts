import type { InspectorConfig } from '#config';
import { codeOf, messageOf } from '#contracts';
import { openArtefact } from '#model/artefact';
import { Registry } from '#registry';
import { blocked, type Finding, ok } from './finding.js';

/** The model of every recipe: there, promoted and whole. */
export async function findModels({ registry, recipes }: InspectorConfig): Promise<Finding[]> {
  const opened = await Registry.open(registry.dir).catch((error: unknown) => error);
  return Promise.all(
    recipes.map(async ({ name }) => {
      const about = `recipe ${name}`;
      if (!(opened instanceof Registry)) return blocked(about, messageOf(opened), adviceOf(opened));
      try {
        const active = await opened.active(name);
        if (active === null)
          return blocked(about, 'no model is active', `lineside promote ID --recipe ${name} --by NAME`);
        const { card } = await openArtefact(opened.path(active.modelId), active);
        return ok(about, `${card.id}, promoted by ${active.by}`);
      } catch (error) {
        return blocked(
          about,
          messageOf(error),
          'Promote another model, or restore the registry from a backup (docs/backup.md).',
        );
      }
    }),
  );
}

function adviceOf(error: unknown): string {
  return codeOf(error) === 'REGISTRY_MISSING'
    ? 'Train a model, or lineside models init.'
    : 'Let the inspector’s user read and write it, or set registry.dir.';
}
