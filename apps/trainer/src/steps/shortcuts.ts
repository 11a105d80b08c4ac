import { listSome } from '#model/dataset/list-some';
import { GOOD, type Sample } from '#model/dataset/sample';

/** Of fewer pictures of a kind chance alone may say that they have something in common. */
const FEWEST = 5;
/** Share of the defects less share of the good pictures. Solar cells have 0.59 by their module, worn screws 0.21 by the month (docs/data.md). */
const TELLING = 0.8;
const NAMED = 3;

/** What good and defective pictures may differ by though it is no defect; nullish or empty where nothing is known of it. */
const TRAITS: Readonly<Record<string, (sample: Sample) => string | null | undefined>> = {
  lot: ({ lot }) => lot,
  camera: ({ camera }) => camera,
  day: ({ day }) => day,
  size: ({ look }) => look && `${look.width}x${look.height}`,
  format: ({ look }) => look?.format,
};

interface Counts {
  readonly defects: number;
  readonly goods: number;
}

/**
 * Traits by which defects are known without a look at the part: where they come from another lot, camera or day than
 * good pictures do, or were saved in another way, a network learns that, and pictures of the same kind do not show it
 * (Geirhos et al., Shortcut learning in deep neural networks, 2020).
 * @param samples opened, or lots, cameras and days alone are looked at
 * @returns one line per trait that is so
 */
export function describeShortcuts(samples: readonly Sample[]): string[] {
  return Object.entries(TRAITS).flatMap(([trait, read]) => {
    const counts = countValues(samples, read);
    const { all, having, values } = valuesOfDefects(counts);
    const told = having.defects / all.defects - having.goods / all.goods;
    if (Math.min(all.defects, all.goods) < FEWEST || told < TELLING) return [];
    return [
      `${trait} alone tells defects from good pictures: ${having.defects} of ${all.defects} defects are of ${listSome(values, NAMED)}, and ${having.goods} of ${all.goods} good ones. A network may learn that instead of the defect, and figures on such pictures do not show it: add defects and good pictures that are alike in it`,
    ];
  });
}

function countValues(
  samples: readonly Sample[],
  read: (sample: Sample) => string | null | undefined,
): Map<string, Counts> {
  const counts = new Map<string, Counts>();
  for (const sample of samples) {
    const value = read(sample);
    if (value == null || value === '') continue;
    const { defects, goods } = counts.get(value) ?? { defects: 0, goods: 0 };
    counts.set(value, sample.label === GOOD ? { defects, goods: goods + 1 } : { defects: defects + 1, goods });
  }
  return counts;
}

/**
 * Which values a larger share of the defects has than of the good pictures, and how many have one of these. Each picture
 * is told by the others alone: one that is alone with its value tells nothing.
 */
function valuesOfDefects(counts: ReadonlyMap<string, Counts>): { all: Counts; having: Counts; values: string[] } {
  const all = sum([...counts.values()]);
  const isDefects = (own: Counts, defects: number, goods: number): boolean =>
    (own.defects - defects) * (all.goods - goods) > (own.goods - goods) * (all.defects - defects);
  const having = sum(
    [...counts.values()].map((own) => ({
      defects: isDefects(own, 1, 0) ? own.defects : 0,
      goods: isDefects(own, 0, 1) ? own.goods : 0,
    })),
  );
  const values = [...counts]
    .filter(([, own]) => isDefects(own, 0, 0))
    .sort(([, a], [, b]) => b.defects - a.defects)
    .map(([value]) => value);
  return { all, having, values };
}

function sum(counts: readonly Counts[]): Counts {
  return counts.reduce(({ defects, goods }, own) => ({ defects: defects + own.defects, goods: goods + own.goods }), {
    defects: 0,
    goods: 0,
  });
}
