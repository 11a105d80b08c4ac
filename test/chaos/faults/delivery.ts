import { setTimeout as wait } from 'node:timers/promises';
import { requireTool } from '../../factories/tools.js';
import type { Dice } from '../dice.js';
import { type Family, layPlainLine } from '../fault.js';

const BATCHES = 40;
const AT_ONCE = 8;

/** Frames that come twice or thrice, and in another order than they were taken in. */
export const DELIVERY: Family = {
  name: 'delivery',
  skip: requireTool('mosquitto').skip,
  lay: layPlainLine,
  faults: [
    {
      name: 'duplicate and reordered delivery',
      partsPerSecond: 0,
      run: async (line, { size, dice }) => {
        let repeats = 0;
        for (let batch = 0; batch < Math.max(BATCHES, size.blows * 10); batch++) {
          const camera = dice.pick(line.feed.cameras);
          const parts = Array.from({ length: AT_ONCE }, () => line.feed.send(camera, { isHeldBack: true }));
          const deliveries = parts.flatMap((part) => Array.from({ length: dice.between(1, 3) }, () => part));
          repeats += deliveries.length - parts.length;
          for (const { shot, frame } of shuffle(deliveries, dice)) await camera.publish(shot, frame);
          await Promise.all(parts.map(({ outcome }) => outcome));
          // Once more when their windows are over: history, never a PASS.
          if (batch % 10 !== 0) continue;
          await wait(line.windowMs);
          for (const { shot, frame } of parts) await camera.publish(shot, frame);
          repeats += parts.length;
        }
        line.course.say(`${repeats} frames came again, each among ${AT_ONCE} in random order`);
      },
    },
  ],
};

function shuffle<Thing>(things: readonly Thing[], dice: Dice): Thing[] {
  const left = [...things];
  return things.flatMap(() => left.splice(dice.between(0, left.length - 1), 1));
}
