import type { Head } from '#model/head';
import type { Crew } from '../fit/crew.js';
import type { Example } from './example.js';
import { type JudgedPictures, judgePictures } from './worst-tile.js';

/** What the crew's network says of pictures it does not learn from, as they are. */
export async function judgeHeldOut(
  crew: Pick<Crew, 'predict'>,
  examples: readonly Example[],
  { labels }: Pick<Head, 'labels'>,
): Promise<JudgedPictures> {
  return judgePictures(examples, await crew.predict(examples.map(({ plain }) => plain)), labels);
}
