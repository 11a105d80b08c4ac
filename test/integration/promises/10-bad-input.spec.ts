import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { Registry } from '#registry';
import { makeArtefact, redPicture } from '../../factories/artefact.js';
import { startTestInspector } from '../../factories/inspector.js';
import { startMosquitto } from '../../factories/mosquitto.js';
import { connectPlc } from '../../factories/plc.js';
import { requireTool, tempDir } from '../../factories/tools.js';

const mosquitto = requireTool('mosquitto');

/** A reddish board of squares: sharp; its blurred copy is not. */
async function makeBoard(): Promise<Sharp> {
  const [side, square] = [32, 4];
  const data = Buffer.alloc(side * side * 3);
  for (let i = 0; i < side * side; i++) {
    const isLight = (Math.floor((i % side) / square) + Math.floor(i / side / square)) % 2 === 0;
    data.set(isLight ? [90, 150, 150] : [30, 60, 60], i * 3);
  }
  return sharp(data, { raw: { width: side, height: side, channels: 3 } }).png();
}

describe('promise 10: what shows no part is INCONCLUSIVE with its reason', {
  skip: mosquitto.skip,
  timeout: 300_000,
}, () => {
  it('out of focus, too dark, frozen: refused before the network has a word; a sound picture passes again', async () => {
    const dir = tempDir();
    const registry = await Registry.open(join(dir, 'registry'), { create: true });
    const imageGate = { leastSharpness: 100, mostDark: 0.2, mostBright: 0.2, learntFrom: 10 };
    await registry.put((await makeArtefact({ card: { imageGate } })).dir);
    await registry.activate({ id: 'tiny-1', recipe: 'chip', by: 'Test Person' });
    const broker = await startMosquitto(mosquitto, { config: ['set_tcp_nodelay true'] });
    const plc = await connectPlc(broker.url);
    await startTestInspector({ broker: broker.url, dir, frozenAfter: 3 });
    await plc.untilReady();
    const board = await makeBoard();
    const sound = await board.clone().toBuffer();
    const sent: [string, Buffer][] = [
      ['blurred', await board.clone().blur(5).toBuffer()],
      ['dark', await redPicture(0).then((black) => sharp(black).linear(0, 0).png().toBuffer())],
      ['first', sound],
      ['second', sound],
      ['third', sound],
      ['moved', await board.clone().rotate(90).linear(1.05, 0).toBuffer()],
    ];
    for (const [frameId, picture] of sent) {
      await plc.send(picture, { frameId });
      await plc.until(() => plc.verdicts.at(-1)?.frameId === frameId, frameId);
    }
    assert.deepEqual(
      plc.verdicts.map(({ frameId, verdict, reason }) => `${frameId} ${verdict} ${reason}`),
      [
        'blurred INCONCLUSIVE IMAGE_BLUR',
        'dark INCONCLUSIVE IMAGE_EXPOSURE',
        'first PASS MODEL',
        'second PASS MODEL',
        'third INCONCLUSIVE FRAME_DUPLICATE',
        'moved PASS MODEL',
      ],
    );
    assert.equal(plc.verdictOf('blurred').score, null);
  });
});
