import { readFile } from 'node:fs/promises';
import type { Artefact } from '#model/artefact';
import { inParallel } from '#model/dataset/in-parallel';
import { listSome } from '#model/dataset/list-some';
import { lookAt } from '#model/dataset/look';
import type { Sample } from '#model/dataset/sample';
import { findTwins } from '#model/dataset/twins';
import { readLearntSheet } from '../learnt-sheet.js';

/** Pairs named: enough to look. */
const NAMED = 3;

/**
 * Judged pictures that show what a model learnt or chose by, in other bytes: re-encoded, resized, brighter, mirrored or
 * turned, as the leak guard of a training finds them. Their figures are no evidence.
 * @returns one line for every model that has such, where it keeps what it learnt
 */
export async function describeCopies(samples: readonly Sample[], models: readonly Artefact[]): Promise<string[]> {
  const sheets = await Promise.all(models.map(readLearntSheet));
  if (sheets.every(({ length }) => length === 0)) return [];
  // One that cannot be read is named by whoever scores it.
  const looks = await inParallel(samples, async ({ file }) => lookAt(await readFile(file)).catch(() => null));
  const judged = samples.flatMap((sample, i) => {
    const seen = looks[i] ?? null;
    return seen === null ? [] : [{ path: sample.path, thumbnail: seen.thumbnail }];
  });
  const told: string[] = [];
  for (const [i, { card }] of models.entries()) {
    const learnt = sheets[i] ?? [];
    if (learnt.length === 0) continue;
    const all = [...judged, ...learnt];
    const isAcross = (first: number, second: number): boolean => first < judged.length && second >= judged.length;
    const thumbnails = all.map(({ thumbnail }) => thumbnail);
    const twins = (await findTwins(thumbnails, { isNews: isAcross })).filter((one) => isAcross(one.first, one.second));
    const pairs = twins.map(({ first, second, orientation }) => {
      const { path = '', split = '' } = learnt[second - judged.length] ?? {};
      return `${judged[first]?.path} = ${path} (${split}), ${orientation}`;
    });
    const pictures = new Set(twins.map(({ first }) => first)).size;
    if (pictures > 0)
      told.push(
        `${pictures} of ${samples.length} pictures show what ${card.id} learnt or chose by, in other bytes, so that figures on them flatter: ${listSome(pairs, NAMED)}`,
      );
  }
  return told;
}
