import { type RunningPostgres, startPostgres } from '../../factories/postgres.js';
import { requireTool } from '../../factories/tools.js';
import { until } from '../../factories/until.js';
import { isAtRest } from '../books.js';
import { type Family, type Fault, strikeAgain } from '../fault.js';
import type { ChaosLine } from '../line.js';

const postgres = requireTool('postgres');

const KILL: Fault = {
  name: 'kill -9 of PostgreSQL',
  run: (line, { size }) => {
    const server = serverOf(line);
    return strikeAgain(line, size.blows, () => ({
      harm: () => server.kill(),
      mend: () => server.start(),
      shownBy: ['alert PLANT'],
      recovered: () => untilCaughtUp(line),
    }));
  },
};

/** It holds its connections and says nothing: nobody but the inspector's own patience tells. */
const STOP: Fault = {
  name: 'SIGSTOP of PostgreSQL',
  run: async (line) => {
    const server = serverOf(line);
    await line.letPartsGo();
    await line.strike({
      harm: () => server.freeze(),
      mend: () => server.thaw(),
      shownBy: ['alert PLANT'],
      recovered: () => untilCaughtUp(line),
    });
  },
};

/** The plant database dies or falls silent while records go into it; the gate never waits for it. */
export const HARM_POSTGRES: Family = {
  name: 'postgres',
  skip: requireTool('mosquitto').skip || postgres.skip,
  lay: async () => ({ postgres: await startPostgres(postgres) }),
  faults: [KILL, STOP],
};

function serverOf({ options }: ChaosLine): RunningPostgres {
  if (options.postgres === undefined) throw new Error('expected a line with PostgreSQL');
  return options.postgres;
}

/** Parts go on, so it never stands still: it is enough that it had everything once. */
async function untilCaughtUp(line: ChaosLine): Promise<void> {
  await line.feed.rest();
  const [shelf] = line.shelves;
  if (shelf !== undefined) await until(() => isAtRest(shelf), 'the plant database to have caught up', 120_000);
  line.feed.start(60);
}
