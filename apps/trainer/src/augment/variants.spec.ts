import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { Plan, type PlanInput } from '../plan/plan.js';
import type { Pixels } from './change-picture.js';
import { renderVariant } from './render-variant.js';
import { variantsOf } from './variants.js';

const once = { seed: 1, epoch: null };
const augmentOf = (augment: PlanInput['augment'] = {}) => Plan.parse({ augment }).augment;
const namesOf = (augment: PlanInput['augment'], draw: { seed: number; epoch: number | null } = once) =>
  variantsOf(augmentOf(augment), draw).map(({ name }) => name);

describe('variantsOf', () => {
  it('gives the plain picture and its mirror image where a plan says nothing', () => {
    assert.deepEqual(namesOf({}), ['plain', 'mirror']);
    assert.deepEqual(namesOf({ views: ['plain', 'turn', 'flip'] }), ['plain', 'turn', 'flip']);
    assert.deepEqual(namesOf({ copies: 1 }), ['plain']);
  });

  it('takes the views in turn and keeps the first variant plain, whatever is drawn', () => {
    const drawn = namesOf({ copies: 4, rotation: 5 });
    assert.deepEqual(
      drawn.map((name) => name.split('-')[0]),
      ['plain', 'mirror', 'plain', 'mirror'],
    );
    assert.equal(drawn[0], 'plain');
    assert.equal(new Set(drawn).size, 4);
  });

  it('draws others for another seed, strength or epoch, and the same for the same', () => {
    const augment = { copies: 2, rotation: 5 };
    const others = [
      namesOf(augment, { seed: 2, epoch: null }),
      namesOf(augment, { seed: 1, epoch: 3 }),
      namesOf({ ...augment, rotation: 6 }),
      namesOf({ ...augment, blur: 1 }),
    ];
    const names = new Set([namesOf(augment), ...others].map(([, drawn]) => drawn));
    assert.equal(names.size, 5);
    assert.deepEqual(namesOf(augment), namesOf({ ...augment, copies: 2, cache: 'off' }));
  });
});

describe('renderVariant', () => {
  // 3 x 2 picture; each pixel is (n, n, n).
  const small: Pixels = { data: grey(1, 2, 3, 4, 5, 6), width: 3, height: 2 };

  const moves: [string, Uint8Array][] = [
    ['plain', grey(1, 2, 3, 4, 5, 6)],
    ['mirror', grey(3, 2, 1, 6, 5, 4)],
    ['flip', grey(4, 5, 6, 1, 2, 3)],
    ['turn', grey(6, 5, 4, 3, 2, 1)],
  ];
  for (const [orientation, expected] of moves) {
    it(`moves whole pixels and nothing else: ${orientation}`, async () => {
      const augment = augmentOf({ views: ['plain', 'mirror', 'flip', 'turn'] });
      const variant = variantsOf(augment, once).find(({ name }) => name === orientation);
      assert.ok(variant !== undefined);
      const data = await renderVariant(small, { variant, augment, pictureSha256: '00' });
      assert.deepEqual(new Uint8Array(data), expected);
    });
  }

  // A bright disc right of the middle on dark ground.
  const scene = Promise.resolve(
    sharp({ create: { width: 48, height: 40, channels: 3, background: { r: 40, g: 40, b: 40 } } })
      .composite([
        { input: Buffer.from('<svg width="48" height="40"><circle cx="34" cy="20" r="6" fill="#eee"/></svg>') },
      ])
      .removeAlpha()
      .raw()
      .toBuffer(),
  ).then((data): Pixels => ({ data, width: 48, height: 40 }));

  const strengths: NonNullable<PlanInput['augment']>[] = [
    { rotation: 90 },
    { shear: 20 },
    { zoom: 0.4 },
    { shift: 0.2 },
    { brightness: 0.5 },
    { contrast: 0.5 },
    { blur: 3 },
    { jpegQuality: 5 },
    { cutout: 0.5 },
  ];
  for (const strength of strengths) {
    const [name = ''] = Object.keys(strength);
    it(`changes the pixels, alike every time and by picture: ${name}`, async () => {
      const pixels = await scene;
      const augment = augmentOf({ ...strength, views: ['plain'], copies: 2 });
      const [, variant] = variantsOf(augment, once);
      assert.ok(variant !== undefined);
      const [first, again, other] = await Promise.all(
        ['aa', 'aa', 'bb'].map((pictureSha256) => renderVariant(pixels, { variant, augment, pictureSha256 })),
      );
      assert.equal(first?.length, pixels.data.length);
      assert.deepEqual(again, first);
      assert.notDeepEqual(other, first);
      assert.notDeepEqual(first, pixels.data);
      assert.deepEqual(await scene, pixels, 'the picture itself stays as it is');
    });
  }

  it('moves a part the way it says and fills what comes in from outside with the mirror image', async () => {
    const pixels = await scene;
    const augment = augmentOf({ rotation: 180, shear: 20, zoom: 0.5, shift: 0.3, views: ['plain'], copies: 32 });
    for (const variant of variantsOf(augment, once).slice(1)) {
      const data = await renderVariant(pixels, { variant, augment, pictureSha256: 'cc' });
      assert.equal(data.length, pixels.data.length);
      assert.ok(Math.min(...data) >= 15, `${variant.name} has a border of ${Math.min(...data)}`);
    }
  });
});

function grey(...values: number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value, value, value]));
}
