import { join } from 'node:path';
import { readJson, TrainEvent } from '#contracts';
import { readIfThere } from './read-if-there.js';

/** In the run's folder: all it says but its progress, one JSON line each. */
export const EVENTS_FILE = 'metrics.jsonl';

/** What a run has said so far, as {@link readEventFile}. */
export function readEvents(dir: string): Promise<TrainEvent[]> {
  return readEventFile(join(dir, EVENTS_FILE));
}

/**
 * Events, one JSON line each; none where there is no such file. A line that is no event is left out: it may be written just
 * now, or a crash cut it short. A run that was resumed has said some epochs twice.
 */
export async function readEventFile(file: string): Promise<TrainEvent[]> {
  const text = (await readIfThere(file))?.toString('utf8') ?? '';
  return text.split('\n').flatMap((line) => TrainEvent.safeParse(readJson(line)).data ?? []);
}
