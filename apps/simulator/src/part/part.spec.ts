import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { Dice } from './dice.js';
import { DEFECT_CLASSES } from './draw-flaw.js';
import { makeLot } from './lot.js';
import { makePart, type PartSeries, PICTURE_HEIGHT, PICTURE_WIDTH, takePicture } from './part.js';

const LINE: PartSeries = { series: 'line', seed: 1, defectShare: 0.5, lotSize: 5 };

describe('a simulated part', () => {
  it('is the same, byte for byte, whenever it is asked for', async () => {
    const [early, late] = [await makePart(LINE, 7), await makePart(LINE, 7)];
    assert.deepEqual(early, late);
  });

  it('is a JPEG of the camera’s size', async () => {
    const { picture } = await makePart(LINE, 0);
    const { format, width, height } = await sharp(picture).metadata();
    assert.deepEqual({ format, width, height }, { format: 'jpeg', width: PICTURE_WIDTH, height: PICTURE_HEIGHT });
  });

  it('differs from the same number under another seed or in another series', async () => {
    const parts = await Promise.all([
      makePart(LINE, 3),
      makePart({ ...LINE, seed: 2 }, 3),
      makePart({ ...LINE, series: 'sample' }, 3),
    ]);
    assert.equal(new Set(parts.map(({ picture }) => picture.toString('base64'))).size, 3);
  });

  it('shares its lot with its neighbours only', async () => {
    const parts = await Promise.all([0, 4, 5].map((number) => makePart(LINE, number)));
    const [first, last, next] = parts.map(({ lot }) => lot);
    assert.equal(first, last);
    assert.notEqual(first, next);
    assert.equal(new Set(parts.map(({ partId }) => partId)).size, 3);
  });

  it('has a class and a severity exactly when it is defective', async () => {
    const parts = await Promise.all(Array.from({ length: 20 }, (_, number) => makePart(LINE, number)));
    assert.equal(new Set(parts.map(({ truth }) => truth)).size, 2);
    for (const { truth, defectClass, severity } of parts) {
      assert.equal(truth === 'defect', defectClass !== null && severity >= 0.4 && severity <= 1);
      assert.equal(truth === 'good', defectClass === null && severity === 0);
    }
  });

  for (const defectClass of DEFECT_CLASSES) {
    it(`shows ${defectClass}, more of it when it is worse`, async () => {
      const seen = (severity: number | null) =>
        takePicture(
          new Dice('same pose'),
          makeLot({ series: 'line', seed: 1, number: 0 }),
          severity === null ? null : { defectClass, severity },
        );
      const [good, mild, gross] = [await seen(null), await seen(0.35), await seen(1)];
      assert.notDeepEqual(mild, good);
      assert.notDeepEqual(gross, mild);
    });
  }
});
