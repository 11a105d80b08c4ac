import type { Head } from '#model/head';
import type { HeldOut } from '#model/temperature';
import type { Crew } from '../fit/crew.js';
import type { Example } from './fit.js';

/** What a network says of a picture; `picture` as in the examples. */
export interface JudgedPicture extends HeldOut {
  readonly picture: number;
}

/** What the crew's network says of pictures it does not learn from, each by its worst tile. */
export async function judgeHeldOut(
  crew: Pick<Crew, 'predict'>,
  examples: readonly Example[],
  { labels }: Pick<Head, 'labels'>,
): Promise<JudgedPicture[]> {
  const all = await crew.predict(examples.map(({ plain }) => plain));
  const worst = new Map<number, JudgedPicture>();
  for (const [i, { picture, label }] of examples.entries()) {
    const probabilities = all.slice(i * labels, (i + 1) * labels);
    const before = worst.get(picture)?.probabilities[0] ?? Number.POSITIVE_INFINITY;
    if ((probabilities[0] ?? Number.NaN) < before) worst.set(picture, { picture, probabilities, label });
  }
  return [...worst.values()];
}
