import { setTimeout as wait } from 'node:timers/promises';
import { requireTool } from '../../factories/tools.js';
import { type Family, layPlainLine } from '../fault.js';
import { end } from '../processes.js';

/** Two inspectors by mistake on the same cameras, each with a ledger of its own. */
export const TWINS: Family = {
  name: 'twins',
  skip: requireTool('mosquitto').skip,
  lay: layPlainLine,
  faults: [
    {
      name: 'a second inspector on the same cameras',
      run: async (line) => {
        const second = await line.forkTwin('inspector2');
        await wait(1_500);
        await end(second, 'SIGTERM');
        return undefined;
      },
    },
    {
      name: 'a second inspector under the same id',
      run: async (line) => {
        const second = await line.forkTwin(line.config.inspector.id);
        await wait(1_500);
        await end(second, 'SIGTERM');
        return undefined;
      },
    },
    {
      name: 'two inspectors started at the same moment',
      run: async (line, { size }) => {
        for (let blow = 0; blow < Math.ceil(size.blows / 4); blow++) {
          await line.stopInspector();
          const [second] = await Promise.all([line.forkTwin('inspector2'), line.forkInspector()]);
          await line.witness.untilPassed(performance.now(), 20_000);
          await wait(500);
          await end(second, 'SIGTERM');
        }
        return undefined;
      },
    },
  ],
};
