import { join } from 'node:path';
import type { Report, TrainEvent } from '#contracts';
import { readEventFile, readEvents } from './run-events.js';
import { writeWhole } from './write-whole.js';

/** Inside the artefact: how the run's epochs went, and which were kept; one event per line. */
export const LEARNING_FILE = 'learning.jsonl';

/** Keep of what a run has said how it learnt, so that the model has it when it has left its run behind. */
export async function writeLearning(dir: string): Promise<void> {
  const { epochs, kept } = learningOf(await readEvents(dir));
  await writeWhole(
    join(dir, LEARNING_FILE),
    [...epochs, ...kept].map((event) => `${JSON.stringify(event)}\n`).join(''),
  );
}

/** How a model learnt; of one made before models kept it what its run's folder says, in a registry nothing. */
export async function readLearning(dir: string): Promise<Pick<Report, 'epochs' | 'kept'>> {
  const own = await readEventFile(join(dir, LEARNING_FILE));
  return learningOf(own.length > 0 ? own : await readEvents(dir));
}

/** A run that was resumed has said some epochs twice: the last word counts. */
function learningOf(events: readonly TrainEvent[]): Pick<Report, 'epochs' | 'kept'> {
  const epochs = new Map<string, Report['epochs'][number]>();
  const kept = new Map<string, Report['kept'][number]>();
  for (const event of events) {
    if (event.event === 'epoch') epochs.set(`${event.phase} ${event.epoch}`, event);
    if (event.event === 'kept') kept.set(event.phase, event);
  }
  return { epochs: [...epochs.values()], kept: [...kept.values()] };
}
