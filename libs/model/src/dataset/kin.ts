import type { KnownLooks } from './known-looks.js';
import type { Sample, TwinPair } from './sample.js';
import { findTwins, Kin } from './twins.js';

/**
 * Find pictures that show one thing and give all that a chain of them joins one name, their `kin`: the path of the first
 * of them. Pictures that are equal byte for byte are compared once; they belong together anyway.
 * @param opened hashed samples with their thumbnails
 * @param looks may know what an earlier search found
 */
export async function findKin(
  opened: readonly { readonly sample: Sample; readonly thumbnail: Uint8Array }[],
  looks?: Pick<KnownLooks, 'twinsAmong'>,
): Promise<{ samples: Sample[]; twins: TwinPair[] }> {
  const firstOf = new Map(opened.toReversed().map((one) => [one.sample.sha256, one]));
  const distinct = opened.filter((one) => firstOf.get(one.sample.sha256) === one);
  const sampleAt = (place: number): Sample => (distinct[place] as (typeof distinct)[number]).sample;
  const thumbnails = distinct.map(({ thumbnail }) => thumbnail);
  const isNews = (first: number, second: number): boolean => {
    const [a, b] = [sampleAt(first), sampleAt(second)];
    return a.split !== b.split || a.label !== b.label;
  };
  const search = () => findTwins(thumbnails, { isNews });
  const pictures = distinct.map(({ sample: { sha256, split, label } }) => ({ sha256, split, label }));
  const found = await (looks?.twinsAmong(pictures, search) ?? search());
  const chains = new Kin();
  for (const { first, second } of found) chains.join(first, second);
  const joined = new Set(found.flatMap(({ first, second }) => [first, second]));
  const kinOf = new Map(
    [...joined].map((place) => [sampleAt(place).sha256, sampleAt(chains.rootOf(place)).path] as const),
  );
  return {
    samples: opened.map(({ sample }) => {
      const kin = kinOf.get(sample.sha256);
      return kin === undefined ? sample : { ...sample, kin };
    }),
    twins: found.map(({ first, second, likeness, orientation }) => ({
      first: sampleAt(first).path,
      second: sampleAt(second).path,
      likeness,
      orientation,
    })),
  };
}
