import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { FeatureStore, type RecordShape, type StoreLayout } from '../../apps/trainer/src/fit/feature-store.js';
import type { Example } from '../../apps/trainer/src/steps/example.js';

/** Random features of two classes in a store of their own; in a defect's, every eighth value is raised. */
export async function makeExamples(
  dir: string,
  { shape, count }: { shape: RecordShape; count: number },
): Promise<{ examples: Example[]; features: StoreLayout }> {
  const random = xoroshiro128plus(11);
  const store = await FeatureStore.open(dir, { shape, network: 'spec' });
  const values = (length: number, label: number) =>
    Float32Array.from({ length }, (_, i) => 2 * uniformFloat64(random) - 1 + (label === 1 && i % 8 === 0 ? 1 : 0));
  const examples: Example[] = [];
  for (let picture = 0; picture < count; picture++) {
    const label = picture % 2;
    const key = { pictureSha256: picture.toString(16).padStart(64, '0'), view: 'plain' };
    await store.append([{ ...key, embedding: values(shape.embedding, label), cut: values(shape.cut, label) }]);
    examples.push({ records: [picture], plain: picture, label, picture, group: `picture ${picture}` });
  }
  await store.close();
  return { examples, features: store.layout };
}
