import type { ModelCard } from '#model/card';
import { Registry } from '#registry';
import type { TrainLog } from '../train-log.js';

/** Last step: put a finished model into the registry, which is made where there is none; null leaves it where it is. */
export async function registerModel(
  { id }: ModelCard,
  { out, registry }: { out: string; registry: string | null },
  log: TrainLog,
): Promise<void> {
  if (registry === null) return;
  await (await Registry.open(registry, { create: true })).put(out);
  log.step('registry', `${id} put into ${registry}; \`lineside promote\` makes it live`);
}
