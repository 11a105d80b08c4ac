import { join } from 'node:path';
import { readJson, TrainEvent } from '#contracts';
import { readIfThere } from './read-if-there.js';

/** In the run's folder: all it says but its progress, one JSON line each. */
export const EVENTS_FILE = 'metrics.jsonl';

/**
 * What a run has said so far; nothing where it left no record. A line that is no event is left out: it may be written just
 * now, or a crash cut it short. A run that was resumed has said some epochs twice.
 */
export async function readEvents(dir: string): Promise<TrainEvent[]> {
  const text = (await readIfThere(join(dir, EVENTS_FILE)))?.toString('utf8') ?? '';
  return text.split('\n').flatMap((line) => TrainEvent.safeParse(readJson(line)).data ?? []);
}
