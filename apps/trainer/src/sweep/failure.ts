import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '#contracts';
import { writeWhole } from '../write-whole.js';

const Failure = z.object({ code: z.string(), message: z.string() });
type Failure = z.infer<typeof Failure>;

const FAILURE_FILE = 'failure.json';

/** A failure that the same plan always has after hours of learning. Whatever else went wrong is tried again: data may be mended by now. */
const FINAL = 'DIVERGED';

/** Note why a trial has no result. */
export async function writeFailure(dir: string, failure: Failure): Promise<void> {
  await writeWhole(join(dir, FAILURE_FILE), `${JSON.stringify(failure, null, 2)}\n`);
}

/** Why an earlier run of the trial failed, where it would fail again; null where it is to be tried. */
export async function readFailure(dir: string): Promise<string | null> {
  const text = await readFile(join(dir, FAILURE_FILE), 'utf8').catch(() => '');
  const failure = Failure.safeParse(readJson(text)).data;
  return failure !== undefined && failure.code === FINAL ? `${failure.code}: ${failure.message}` : null;
}
