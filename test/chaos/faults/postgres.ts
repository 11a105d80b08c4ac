import { setTimeout as wait } from 'node:timers/promises';
import { type RunningPostgres, startPostgres } from '../../factories/postgres.js';
import { requireTool } from '../../factories/tools.js';
import { isAtRest } from '../books.js';
import { type Family, strikeAgain } from '../fault.js';
import type { ChaosLine } from '../line.js';

const postgres = requireTool('postgres');

/** The plant database dies while records go into it; the gate never waits for it. */
export const KILL_POSTGRES: Family = {
  name: 'postgres',
  skip: requireTool('mosquitto').skip || postgres.skip,
  lay: async () => ({ postgres: await startPostgres(postgres) }),
  faults: [
    {
      name: 'kill -9 of PostgreSQL',
      run: async (line, { size }) => {
        const server = serverOf(line);
        return strikeAgain(line, size.blows, () => ({
          harm: () => server.kill(),
          mend: () => server.start(),
          shownBy: ['alert PLANT'],
          recovered: () => untilCaughtUp(line),
        }));
      },
    },
  ],
};

function serverOf({ options }: ChaosLine): RunningPostgres {
  if (options.postgres === undefined) throw new Error('expected a line with PostgreSQL');
  return options.postgres;
}

/** Parts go on, so it never stands still: it is enough that it had everything once. */
async function untilCaughtUp(line: ChaosLine): Promise<void> {
  await line.feed.rest();
  const [shelf] = line.shelves;
  while (shelf !== undefined && !(await isAtRest(shelf))) await wait(50);
  line.feed.start(60);
}
