import { setTimeout as wait } from 'node:timers/promises';
import { requireTool } from '../../factories/tools.js';
import type { Family } from '../fault.js';
import { readResidentBytes } from '../processes.js';

/** Pieces of half a millisecond: the model takes about 10 ms a picture, so that ten times its capacity can be sent. */
const WORK = 20;
const TIMES = 10;
const MEASURED_PARTS = 150;
const STEADY_PER_SECOND = 10;
/** The main process may grow by this much: V8's heaps of three threads find their size for ten times the work. */
const GROWTH_BYTES = 192 * 1024 ** 2;

/** One camera sends ten times what can be inspected; another keeps its pace. */
export const FLOOD: Family = {
  name: 'flood',
  skip: requireTool('mosquitto').skip,
  lay: async () => ({ work: WORK }),
  faults: [
    {
      name: 'flood at 10 x capacity',
      partsPerSecond: 0,
      run: async (line, { size }) => {
        const startedAt = performance.now();
        await line.feed.push(MEASURED_PARTS, 8);
        const capacity = MEASURED_PARTS / ((performance.now() - startedAt) / 1_000);
        const before = readResidentBytes(line.running.pid);
        line.countPassed('cam1');
        const harmedAt = performance.now();
        line.feed.start(STEADY_PER_SECOND, 'cam1');
        line.feed.start(capacity * TIMES, 'cam2');
        const sign = await line.witness.untilSign(harmedAt, 20_000);
        line.course.tookToShow(sign.at - harmedAt, sign.what);
        await wait(size.floodSeconds * 1_000);
        const passed = line.countPassed('cam1');
        await line.feed.rest();
        const endedAt = performance.now();
        line.feed.start(STEADY_PER_SECOND, 'cam2');
        line.course.tookToRecover((await line.witness.untilPassed(endedAt, 20_000)) - endedAt);
        await line.feed.rest();
        const grown = readResidentBytes(line.running.pid) - before;
        const megabytes = Math.round(grown / 1024 ** 2);
        const note = `capacity ${Math.round(capacity)} parts/s, cam2 sent ${TIMES} times that for ${size.floodSeconds} s; ${passed} parts of cam1 at ${STEADY_PER_SECOND}/s passed meanwhile; main process ${megabytes} MB larger than before`;
        line.course.say(note);
        if (grown >= GROWTH_BYTES || passed === 0) line.course.sayBroken(note);
      },
    },
  ],
};
