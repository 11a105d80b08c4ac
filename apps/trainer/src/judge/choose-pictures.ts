import { InputError } from '#contracts';
import { type Artefact, hashFile } from '#model/artefact';
import { inParallel } from '#model/dataset/in-parallel';
import type { Dataset, Sample, Subset } from '#model/dataset/sample';
import { readSides } from '../snapshot.js';

export interface PictureChoice {
  readonly dataset: Dataset;
  /** Default: what none of the models knows. */
  readonly asked: Subset | 'all' | undefined;
  readonly models: readonly Artefact[];
}

export interface ChosenPictures {
  readonly subset: Subset | 'all';
  readonly samples: readonly Sample[];
  /** Pictures that are not judged because a model learnt them or chose its epochs and threshold by them. */
  readonly leftOut: number;
}

/**
 * Choose the pictures that models are judged on. By default the data's test side, or all pictures of data without sides,
 * less what a model has learnt or chosen by: its own `data.csv` says which, by the bytes, wherever they lie now. A side
 * that the data does not name is the one that training made. Train, validation or all are taken as they are: who asks
 * for them by name knows that their figures flatter.
 * @throws InputError SUBSET_EMPTY when there is no such side; SUBSET_LEARNT when the models know every picture
 */
export async function choosePictures({ dataset, asked, models }: PictureChoice): Promise<ChosenPictures> {
  if (asked === 'all') return { subset: 'all', samples: dataset.samples, leftOut: 0 };
  const side = asked ?? 'test';
  const given = dataset.samples.filter(({ split }) => split === side);
  if (given.length > 0 && side !== 'test') return { subset: side, samples: given, leftOut: 0 };

  const sidesOf = await findSides(given.length > 0 ? given : dataset.samples, models);
  const isWhole = asked === undefined && dataset.samples.every(({ split }) => split === null);
  const made = isWhole
    ? dataset.samples
    : dataset.samples.filter((sample) => sidesOf(sample).every((sides) => sides?.has(side)));
  const found = given.length > 0 ? given : made;
  if (found.length === 0) {
    throw new InputError(
      'SUBSET_EMPTY',
      `${dataset.dir} has no ${side} side: the data names none, and the training of ${namesOf(models)} put none of these pictures on one. Give a split with a ${side} side, or judge every picture: --subset all.`,
    );
  }
  if (side !== 'test') return { subset: side, samples: found, leftOut: 0 };

  // Where a plan allowed a picture on two sides, its figures are those of the test side all the same.
  const isLearnt = (sample: Sample) => sidesOf(sample).some((sides) => sides !== undefined && !sides.has('test'));
  const samples = found.filter((sample) => !isLearnt(sample));
  const leftOut = found.length - samples.length;
  if (samples.length > 0) return { subset: isWhole && leftOut === 0 ? 'all' : 'test', samples, leftOut };
  throw new InputError(
    'SUBSET_LEARNT',
    `${namesOf(models)} learnt or chose by every one of the ${found.length} pictures: figures on them would only flatter. Give pictures that are new to ${models.length > 1 ? 'both' : 'it'}, or ask for these by name: --subset val, train or all.`,
  );
}

type Sides = ReadonlySet<Subset> | undefined;

/** On which sides of each model's training a picture was; undefined where it was on none. */
async function findSides(
  samples: readonly Sample[],
  models: readonly Artefact[],
): Promise<(sample: Sample) => readonly Sides[]> {
  const known = await Promise.all(models.map(readSides));
  // One that cannot be read is named by whoever scores it.
  const hashes = await inParallel(
    samples,
    async ({ path, file }) => [path, await hashFile(file).catch(() => '')] as const,
  );
  const hashOf = new Map(hashes);
  return ({ path }) => known.map((sides) => sides.get(hashOf.get(path) ?? ''));
}

function namesOf(models: readonly Artefact[]): string {
  return models.map(({ card }) => card.id).join(' and ');
}
