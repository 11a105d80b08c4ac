import { listSome } from '#model/dataset/list-some';
import { findOutliers, OUTLIER_KINDS } from '#model/dataset/outliers';
import type { VerifiedDataset } from '#model/dataset/sample';

/** Names per line: enough to look, few enough to read. */
const NAMED = 3;

/**
 * What a person should look at before trusting a run on these pictures: one line per kind of doubt, none where there is
 * none. `lineside data check` shows the pictures.
 */
export function describeDoubts(dataset: VerifiedDataset): string[] {
  const outliers = findOutliers(dataset.samples);
  const odd = OUTLIER_KINDS.flatMap((kind) => {
    const paths = outliers.filter((outlier) => outlier.kind === kind).map(({ sample }) => sample.path);
    return paths.length === 0 ? [] : [`${paths.length} pictures unusually ${kind}: ${listSome(paths, NAMED)}`];
  });
  const doubts = [...odd, ...torn(dataset), ...mixed(dataset)];
  return doubts.length === 0 ? [] : [...doubts, 'to see the pictures: lineside data check --data … --out DIR'];
}

function torn({ samples, twins }: VerifiedDataset): string[] {
  const labels = new Map(samples.map(({ path, label }) => [path, label]));
  const pairs = twins.filter(({ first, second }) => labels.get(first) !== labels.get(second));
  const names = pairs.map(({ first, second }) => `${first} = ${second}`);
  return pairs.length === 0 ? [] : [`${pairs.length} pairs show one thing under two labels: ${listSome(names, NAMED)}`];
}

function mixed({ samples }: VerifiedDataset): string[] {
  const sizes = countsOf(samples.map(({ look }) => (look === undefined ? '' : `${look.width}x${look.height}`)));
  const formats = countsOf(samples.map(({ look }) => look?.format ?? ''));
  return [
    ...(sizes.length > 1 ? [`pictures of ${sizes.length} sizes: ${listSome(sizes, NAMED)}`] : []),
    ...(formats.length > 1 ? [`pictures of ${formats.length} formats: ${listSome(formats, NAMED)}`] : []),
  ];
}

/** Most frequent first. */
function countsOf(words: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([word, count]) => `${count} ${word}`);
}
