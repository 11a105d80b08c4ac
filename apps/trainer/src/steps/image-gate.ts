import type { ImageGate, Preprocess } from '#model/card';
import { inParallel } from '#model/dataset/in-parallel';
import { readSample } from '#model/dataset/read-sample';
import { GOOD, type Sample } from '#model/dataset/sample';
import type { Split } from '#model/dataset/split';
import { learnImageGate, refuseImage } from '#model/image-gate';
import { type ImageFacts, measureImage } from '#model/preprocess/image-facts';
import { preparePicture } from '#model/preprocess/preprocess';
import type { TrainLog } from '../train-log.js';

/** Good pictures measured per side: more of them move no limit, but each is decoded once more. */
const MEASURED = 500;

interface Reading {
  readonly preprocess: Preprocess;
  readonly maxPixels: number;
}

/**
 * Learn what pictures of this camera look like when all is well, from good training and validation pictures; the test
 * side only tells how many good pictures the line would refuse.
 */
export async function learnPictures({ train, val, test }: Split, reading: Reading, log: TrainLog): Promise<ImageGate> {
  const gate = learnImageGate([...(await measure(train, reading)), ...(await measure(val, reading))]);
  const unseen = await measure(test, reading);
  const refused = unseen.filter((facts) => refuseImage(facts, gate) !== null).length;
  const { leastSharpness, mostDark, mostBright, learntFrom } = gate;
  log.step(
    'image gate',
    `from ${learntFrom} good pictures: sharpness at least ${leastSharpness.toFixed(1)}, at most ${mostDark.toFixed(2)} dark and ${mostBright.toFixed(2)} bright; refuses ${refused} of ${unseen.length} good test pictures`,
  );
  return gate;
}

async function measure(samples: readonly Sample[], reading: Reading): Promise<ImageFacts[]> {
  const good = samples.filter(({ label }) => label === GOOD);
  const step = Math.max(1, good.length / MEASURED);
  const chosen = Array.from(
    { length: Math.min(MEASURED, good.length) },
    (_, i) => good[Math.floor(i * step)] as Sample,
  );
  return inParallel(chosen, async (sample) => measureImage(await preparePicture(await readSample(sample), reading)));
}
