import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { makeSurface } from '../../../../test/factories/surfaces.js';
import { detailLikenessOf, likenessOf } from './compare.js';
import { findCommon } from './essence.js';
import { lookAt, THUMBNAIL_SIDE } from './look.js';
import { ORIENTATIONS, orientationTables } from './orientations.js';
import { findTwins } from './twins.js';

type Thumbnail = Uint8Array;

const TABLES = orientationTables(THUMBNAIL_SIDE);
const random = xoroshiro128plus(7);
const grain = (spread: number): number => uniformInt(random, -spread, spread);

/** A picture laid in a way, with something added to each level. */
function copyOf(thumbnail: Thumbnail, { way, added }: { way: number; added: (cell: number) => number }): Thumbnail {
  const table = TABLES[way] as Uint16Array;
  return thumbnail.map((_, cell) => {
    const level = Math.round((thumbnail[table[cell] as number] as number) + added(cell));
    return Math.max(0, Math.min(255, level));
  });
}

/** A broad wave, in which all of a difference lies where it is looked for first. */
const wave = (cell: number): number => Math.cos((2 * Math.PI * ((cell % THUMBNAIL_SIDE) + 0.5)) / THUMBNAIL_SIDE);

/** Each picture, and copies of it in all ways that grow less alike: some are just twins, some just not. */
function withCopies(thumbnails: readonly Thumbnail[]): Thumbnail[] {
  const copies = thumbnails.flatMap((thumbnail, i) =>
    ORIENTATIONS.map((_, way) => {
      const strength = 1 + ((3 * way + 5 * i) % 12);
      return copyOf(thumbnail, {
        way,
        added: i % 2 === 0 ? () => grain(strength) : (cell) => (strength / 3) * wave(cell),
      });
    }),
  );
  return [...thumbnails, ...copies];
}

const make = (levelAt: (x: number, y: number) => number): Thumbnail =>
  Uint8Array.from({ length: THUMBNAIL_SIDE ** 2 }, (_, cell) =>
    Math.round(levelAt((cell % THUMBNAIL_SIDE) / 32 - 1, Math.floor(cell / THUMBNAIL_SIDE) / 32 - 1)),
  );

const surfacesFrom = (first: number): Promise<Thumbnail[]> =>
  Promise.all(Array.from({ length: 5 }, async (_, i) => (await lookAt(await makeSurface(first + i))).thumbnail));

const sets: [string, () => Promise<Thumbnail[]> | Thumbnail[]][] = [
  ['surfaces', () => surfacesFrom(0)],
  ['mere grain', () => Array.from({ length: 5 }, () => make(() => 128 + grain(40)))],
  [
    'parts in one fixture',
    async () => {
      const [fixture = new Uint8Array()] = await surfacesFrom(20);
      return Array.from({ length: 5 }, () => copyOf(fixture, { way: 0, added: () => grain(20) }));
    },
  ],
  [
    'parts lit from one side or the other',
    () =>
      Array.from({ length: 5 }, () => {
        const [across, down] = [grain(60), grain(60)];
        return make((x, y) => 128 + across * x + down * y + grain(9));
      }),
  ],
];

async function twinsByAllPairs(thumbnails: readonly Thumbnail[]): Promise<string[]> {
  const common = await findCommon(thumbnails);
  const pairs = thumbnails.flatMap((one, first) =>
    thumbnails.slice(first + 1).map((other, i) => ({ both: [one, other] as const, first, second: first + 1 + i })),
  );
  return pairs
    .filter(({ both }) =>
      ORIENTATIONS.some((_, way) => likenessOf(both, { common, way }) >= 0.995 && detailLikenessOf(both, way) >= 0.85),
    )
    .map(({ first, second }) => `${first} ${second}`);
}

describe('all pairs that are twins are found', () => {
  for (const [name, makeSet] of sets) {
    it(`among ${name} and their copies`, async () => {
      const thumbnails = withCopies(await makeSet());
      const expected = await twinsByAllPairs(thumbnails);
      assert.ok(expected.length >= 10, `only ${expected.length} pairs are twins: the test shows little`);
      const twins = await findTwins(thumbnails, { isNews: () => true });
      assert.deepEqual(
        twins.map(({ first, second }) => `${first} ${second}`),
        expected,
      );
    });
  }
});
