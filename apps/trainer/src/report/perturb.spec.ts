import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { perturbations } from './perturb.js';

const [WIDTH, HEIGHT, TILES] = [40, 32, 2];

/** Two tiles: a grey one, and one with a white square. */
const data = new Uint8Array(TILES * WIDTH * HEIGHT * 3).fill(100);
for (let y = 10; y < 20; y++) {
  for (let x = 10; x < 20; x++) data.fill(255, ((HEIGHT + y) * WIDTH + x) * 3, ((HEIGHT + y) * WIDTH + x) * 3 + 3);
}
const PICTURE = { data, tiles: TILES, width: WIDTH, height: HEIGHT, frameWidth: 1, frameHeight: 1 };

const find = (kind: string) => perturbations().filter((one) => one.kind === kind);
const levelAt = (picture: Uint8Array, x: number, row: number) => picture[(row * WIDTH + x) * 3] ?? -1;
const spread = (picture: Uint8Array) => {
  const tile = picture.subarray(0, WIDTH * HEIGHT * 3);
  const mean = tile.reduce((sum, value) => sum + value, 0) / tile.length;
  return Math.sqrt(tile.reduce((sum, value) => sum + (value - mean) ** 2, 0) / tile.length);
};

describe('disturbances', () => {
  it('keep the shape, change the picture and repeat', async () => {
    for (const { kind, strength, change } of perturbations()) {
      const [once, again] = [await change(PICTURE, 3), await change(PICTURE, 3)];
      assert.equal(once.length, data.length, `${kind} ${strength}`);
      assert.notDeepEqual([...once], [...data], `${kind} ${strength}`);
      assert.deepEqual([...once], [...again], `${kind} ${strength}`);
    }
  });

  it('shift the content and repeat the border, each tile by itself', async () => {
    const [, , far] = find('shift');
    const moved = (await far?.change(PICTURE, 0)) ?? data;
    // A tenth: 4 pixels to the right, 3 down.
    assert.deepEqual([levelAt(moved, 14, HEIGHT + 13), levelAt(moved, 13, HEIGHT + 13)], [255, 100]);
    assert.equal(Math.max(...moved.subarray(0, WIDTH * HEIGHT * 3)), 100, 'nothing comes over from the next tile');
  });

  it('add noise of the strength they name', async () => {
    for (const { change, strength } of find('noise')) {
      const found = spread(await change(PICTURE, 1));
      assert.ok(Math.abs(found / Number.parseFloat(strength) - 1) < 0.05, `${strength}: ${found}`);
    }
  });

  it('darken and brighten by their factor', async () => {
    for (const { change, strength } of find('exposure')) {
      const level = levelAt(await change(PICTURE, 0), 0, 0);
      assert.ok(Math.abs(level - 100 * Number(strength.slice(2))) <= 1, `${strength}: ${level}`);
    }
  });

  it('leave the middle of a wide blur between its neighbours', async () => {
    const blurred = (await find('blur')[2]?.change(PICTURE, 0)) ?? data;
    const edge = levelAt(blurred, 10, HEIGHT + 15);
    assert.ok(edge > 110 && edge < 245, String(edge));
  });
});
