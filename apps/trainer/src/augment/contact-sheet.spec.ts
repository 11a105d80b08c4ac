import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { classPaths, makeDataDir } from '../../../../test/factories/labelled-pictures.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { Plan } from '../plan/plan.js';
import { writeContactSheet } from './contact-sheet.js';

describe('writeContactSheet', () => {
  const pictures = () => makeDataDir(classPaths({ good: 12, defect: 12 }));

  const draw = async (name: string, count: number) => {
    const resize = { width: 40, height: 32 };
    const plan = Plan.parse({ resize, augment: { copies: 3, brightness: 0.5 } });
    const out = join(tempDir(), name);
    const sheet = await writeContactSheet({ data: await pictures(), plan, out, count, weightsDir: tempDir() });
    return { ...sheet, out };
  };

  it('shows each picture as it is and then as training varies it, the same every time', async () => {
    const { out, ...sheet } = await draw('sheet.png', 4);
    assert.deepEqual([sheet.pictures, sheet.variants], [4, 3]);
    const { info, data: pixels } = await sharp(out).raw().toBuffer({ resolveWithObject: true });
    assert.deepEqual([info.width, info.height], [sheet.width, sheet.height]);
    const at = (x: number, y: number) => [...pixels.subarray(3 * (y * info.width + x), 3 * (y * info.width + x) + 3)];
    const [plain, mirrored, again] = [at(28, 52), at(28 + 48, 52), at(28 + 96, 52)];
    assert.deepEqual(plain?.[2], 128, 'the factory paints every picture with this blue');
    assert.notDeepEqual(mirrored, plain);
    assert.notDeepEqual(again, mirrored);
    const second = await draw('not/yet/sheet.png', 4);
    assert.deepEqual(await sharp(second.out).raw().toBuffer(), pixels);
  });

  it('refuses a sheet that no file can hold, and a file of an unknown kind', async () => {
    await assert.rejects(draw('sheet.gif', 2), { code: 'SHEET_FORMAT', message: /\.webp/ });
    const many = Plan.parse({ resize: { width: 1024, height: 1024 }, augment: { copies: 32 } });
    const request = {
      data: await pictures(),
      plan: many,
      out: join(tempDir(), 'a.png'),
      count: 2,
      weightsDir: tempDir(),
    };
    await assert.rejects(writeContactSheet(request), { code: 'SHEET_SIZE', message: /fewer/ });
  });
});
