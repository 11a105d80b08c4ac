import { mkdir, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Guard, OperatingPoint } from '#model/card';
import { readSample } from '#model/dataset/read-sample';
import { DISTANCE_TOLERANCE } from '#model/runtime/golden-check';
import type { Scored } from '../judge/score.js';

/** Golden samples of each kind that travel with the model and are checked at every start of a worker. */
const PER_KIND = 4;
/** Further pictures on which the exported graph is compared with the trained network. */
const CERTIFIED = 24;
/** The device check allows 0.01: a golden sample must lie further than that from every edge. */
const MARGIN = 0.02;
/** The same for its distance, as a share of the guard's limit: twice what the device check allows. */
const DISTANCE_MARGIN = 2 * DISTANCE_TOLERANCE;

export interface Golden {
  /** Paths inside the artefact, as in `golden/0.jpg`. */
  readonly files: readonly string[];
  /** Absolute paths of everything to certify: the golden samples first, then pictures over the whole range of scores. */
  readonly certified: readonly string[];
}

/**
 * Pick golden samples from validation, scored by every accepted graph (fp32 first), good and defective, spread over their scores but clear of the grey zone, and
 * copy them into the artefact as they are on disk.
 */
export async function chooseGolden(
  dir: string,
  validations: readonly (readonly Scored[])[],
  { operatingPoint: point, guard }: { operatingPoint: OperatingPoint; guard: Guard | null },
): Promise<Golden> {
  const [validation = [], ...others] = validations;
  const unclear = new Set(
    others.flatMap((own) => own.filter((one) => !isClear(one, point, guard)).map(({ sample }) => sample.file)),
  );
  const byScore = [...validation].sort((a, b) => a.score - b.score);
  const clear = byScore.filter((one) => isClear(one, point, guard) && !unclear.has(one.sample.file));
  const pool = clear.length > 0 ? clear : byScore;
  const chosen = [true, false].flatMap((isDefect) =>
    spread(
      pool.filter((one) => one.isDefect === isDefect),
      PER_KIND,
    ),
  );
  await mkdir(join(dir, 'golden'), { recursive: true });
  const files: string[] = [];
  for (const [i, { sample }] of chosen.entries()) {
    const file = `golden/${i}${extname(sample.file).toLowerCase()}`;
    await writeFile(join(dir, file), await readSample(sample));
    files.push(file);
  }
  const more = spread(byScore, CERTIFIED).map(({ sample }) => sample.file);
  return { files, certified: [...files.map((file) => join(dir, file)), ...more] };
}

/** Nothing of it hangs on a rounding: not the verdict, not whether it is familiar. */
function isClear({ score, distance }: Scored, { greyZone: [low, high] }: OperatingPoint, guard: Guard | null): boolean {
  if (guard !== null && !((distance ?? Number.NaN) <= guard.limit * (1 - DISTANCE_MARGIN))) return false;
  return Math.abs(score - low) > MARGIN && Math.abs(score - high) > MARGIN;
}

/** At most `count` items at equal distances, the ends included. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))] as T);
}
