import type { Head } from '#model/head';
import type { HeldOut } from '#model/temperature';
import type { Crew } from '../fit/crew.js';
import type { Example } from './example.js';
import { worstTiles } from './worst-tile.js';

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
  return [...worstTiles(examples, all, labels)].map(([picture, { at }]) => ({
    picture,
    probabilities: all.slice(at * labels, (at + 1) * labels),
    label: examples[at]?.label ?? Number.NaN,
  }));
}
