import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { FeatureStore, type RecordShape } from '../../apps/trainer/src/fit/feature-store.js';
import type { Example } from '../../apps/trainer/src/steps/fit.js';

/** Random features of two classes in a store of their own; in a defect's, every eighth value is raised. */
export async function makeExamples(
  dir: string,
  { shape, count }: { shape: RecordShape; count: number },
): Promise<Example[]> {
  const random = xoroshiro128plus(11);
  const store = new FeatureStore(dir, { shape, network: 'spec' });
  const values = (length: number, label: number) =>
    Float32Array.from({ length }, (_, i) => 2 * uniformFloat64(random) - 1 + (label === 1 && i % 8 === 0 ? 1 : 0));
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const label = i % 2;
      const file = store.fileOf(i.toString(16).padStart(64, '0'), 'plain');
      await store.put(file, { embedding: values(shape.embedding, label), cut: values(shape.cut, label) });
      return { files: [file], label, picture: i };
    }),
  );
}
