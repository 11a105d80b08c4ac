import type { Sample, TwinPair } from './sample.js';
import { findTwins, Kin } from './twins.js';

/**
 * Find pictures that show one thing and give all that a chain of them joins one name, their `kin`: the path of the first
 * of them. Pictures that are equal byte for byte are compared once; they belong together anyway.
 * @param opened hashed samples with their thumbnails
 */
export async function findKin(
  opened: readonly { readonly sample: Sample; readonly thumbnail: Uint8Array }[],
): Promise<{ samples: Sample[]; twins: TwinPair[] }> {
  const firstOf = new Map(opened.toReversed().map((one) => [one.sample.sha256, one]));
  const distinct = opened.filter((one) => firstOf.get(one.sample.sha256) === one);
  const sampleAt = (place: number): Sample => (distinct[place] as (typeof distinct)[number]).sample;
  const found = await findTwins(
    distinct.map(({ thumbnail }) => thumbnail),
    {
      isNews: (first, second) => {
        const [a, b] = [sampleAt(first), sampleAt(second)];
        return a.split !== b.split || a.label !== b.label;
      },
    },
  );
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
