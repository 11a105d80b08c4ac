import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { mountSmallDisk, type SmallDisk, whyNoSmallDisk } from '../../factories/small-disk.js';
import { requireTool } from '../../factories/tools.js';
import type { Family } from '../fault.js';
import type { ChaosLine } from '../line.js';

const MEGABYTES = 16;
const skip = requireTool('mosquitto').skip || whyNoSmallDisk();

/** The ledger's disk runs full, and the ledger cannot be written for another reason. */
export const HARM_DISK: Family = {
  name: 'disk',
  skip,
  lay: async () => ({ disk: mountSmallDisk(MEGABYTES) }),
  faults: [
    {
      name: 'disk full',
      run: async (line) => {
        const disk = diskOf(line);
        await line.letPartsGo();
        await line.strike({
          harm: () => disk.fill(),
          lastsMs: 1_000,
          mend: () => disk.free(),
          shownBy: ['NOT_READY(LEDGER)'],
        });
        line.course.say('what SQLite has on the disk already takes some more commits first');
      },
    },
    {
      name: 'ledger held by another program',
      run: async (line) => {
        await line.letPartsGo();
        const intruder = new Database(join(line.config.inspector.dataDir, 'ledger.sqlite'));
        await line.strike({
          harm: () => intruder.exec('BEGIN IMMEDIATE'),
          lastsMs: 1_000,
          mend: () => intruder.exec('ROLLBACK'),
          shownBy: ['NOT_READY(LEDGER)'],
        });
        intruder.close();
        return undefined;
      },
    },
  ],
};

/** A ledger that can only be read: the inspector does not even start, and no part passes. */
export const READ_ONLY: Family = {
  name: 'read-only',
  skip,
  lay: async () => ({ disk: mountSmallDisk(1, { isReadOnly: true }) }),
  startsReady: false,
  faults: [
    {
      name: 'ledger read-only',
      staysDown: true,
      run: async (line) => {
        const startedAt = performance.now();
        await assert.rejects(line.forkInspector(), /DATA_FOLDER/);
        line.course.tookToShow(performance.now() - startedAt, 'ends with DATA_FOLDER');
        await wait(line.windowMs);
        return undefined;
      },
    },
  ],
};

function diskOf({ options }: ChaosLine): SmallDisk {
  if (options.disk === undefined) throw new Error('expected a line with a small disk');
  return options.disk;
}
