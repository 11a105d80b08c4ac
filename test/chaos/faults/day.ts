import { median } from 'simple-statistics';
import { requireTool } from '../../factories/tools.js';
import type { Family } from '../fault.js';
import { readResidentBytes } from '../processes.js';

/** Parts on their way at once: fewer than the broker keeps for the inspector. */
const IN_FLIGHT = 48;
const LOOKS = 40;
/** The first share of the parts fills caches and lets V8 find its size. */
const WARM_UP = 0.1;
/** Frames after which V8's heaps, one for each thread, have found their size: about 400 MB in all, up and down by a tenth. */
const SETTLED_FRAMES = 30_000;
/** Growth from the first to the last quarter that counts as flat: what a garbage collector leaves lying. */
const FLAT_BYTES = 48 * 1024 ** 2;
/** In a short run the heaps still grow; more than this would be a leak. */
const GROWING_BYTES = 96 * 1024 ** 2;

/** A day of parts as fast as they can be inspected: does the main process keep its size? */
export const DAY: Family = {
  name: 'day',
  skip: requireTool('mosquitto').skip,
  lay: async () => ({ over: { inference: { workers: null } } }),
  faults: [
    {
      name: 'a day of parts, compressed',
      partsPerSecond: 0,
      run: async (line, { size }) => {
        const startedAt = performance.now();
        await line.feed.push(Math.ceil(size.frames * WARM_UP), IN_FLIGHT);
        const sizes: number[] = [];
        for (let look = 0; look < LOOKS; look++) {
          await line.feed.push(Math.ceil((size.frames * (1 - WARM_UP)) / LOOKS), IN_FLIGHT);
          sizes.push(readResidentBytes(line.running.pid));
        }
        const perSecond = size.frames / ((performance.now() - startedAt) / 1_000);
        const quarter = LOOKS / 4;
        const [first, last] = [median(sizes.slice(0, quarter)), median(sizes.slice(-quarter))];
        const flat = `resident memory of the main process ${inMegabytes(first)} MB at the start, ${inMegabytes(last)} MB at the end, ${inMegabytes(Math.max(...sizes))} MB at most`;
        const margin = size.frames * WARM_UP >= SETTLED_FRAMES ? FLAT_BYTES : GROWING_BYTES;
        const limit = `limit ${inMegabytes(margin)} MB more than at the start`;
        const note = `${flat} (${limit}); ${Math.round(perSecond)} parts/s`;
        line.course.say(note);
        if (last - first >= margin) line.course.sayBroken(note);
      },
    },
  ],
};

function inMegabytes(bytes: number): number {
  return Math.round(bytes / 1024 ** 2);
}
