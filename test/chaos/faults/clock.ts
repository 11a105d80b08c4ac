import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { requireTool, tempDir } from '../../factories/tools.js';
import type { Family, Fault } from '../fault.js';

const faketime = requireTool('faketime');
const HOUR_S = 3_600;
/**
 * Seconds the inspector's clock is off, one after the other. It is right at first: the camera's clock must be believed
 * before the jump that makes its frames late.
 */
const OFFSETS_S = [0, HOUR_S, -HOUR_S, 2, -2, 40 * 24 * HOUR_S, 0] as const;

const TURN: Fault = {
  name: 'clock set back and forth',
  run: async (line, { size, dice }) => {
    const times = Math.max(1, Math.floor(size.blows / 3));
    for (let time = 0; time < times; time++) {
      for (const seconds of OFFSETS_S) {
        const setAt = performance.now();
        setClock(line.options.env ?? {}, seconds);
        await line.witness.untilClockOff(seconds);
        // What the believed camera took an hour ago by this clock, no gate may act on.
        if (seconds === HOUR_S) await line.witness.untilSign(setAt, 10_000, ['INCONCLUSIVE(LATE)']);
        await wait(dice.between(300, 900));
      }
    }
    line.course.say(`offsets of the inspector’s clock in turn: ${OFFSETS_S.join(', ')} s`);
  },
};

/** The inspector's clock jumps under it; of its two cameras it believes the clock of one. */
export const SET_CLOCK: Family = {
  name: 'clock',
  skip: requireTool('mosquitto').skip || faketime.skip,
  lay: async () => ({ env: fakeClock(), syncedCameras: ['cam1'] }),
  faults: [TURN],
};

/** libfaketime around the inspector alone; its monotonic clock is left as it is, as a clock that is set leaves it. */
function fakeClock(): Record<string, string> {
  const env = {
    LD_PRELOAD: findLibrary(),
    FAKETIME_TIMESTAMP_FILE: join(tempDir(), 'offset'),
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  };
  setClock(env, 0);
  return env;
}

function setClock({ FAKETIME_TIMESTAMP_FILE: file }: Readonly<Record<string, string>>, seconds: number): void {
  if (file === undefined) throw new Error('expected a line with a clock that can be set');
  writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}s\n`);
}

/** Debian keeps it in a folder of the processor's. */
function findLibrary(): string {
  const places = readdirSync('/usr/lib').map((folder) => join('/usr/lib', folder, 'faketime', 'libfaketimeMT.so.1'));
  const found = places.find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new Error('expected libfaketimeMT.so.1 below /usr/lib');
}
