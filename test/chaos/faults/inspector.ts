import { requireTool } from '../../factories/tools.js';
import { type Family, layPlainLine } from '../fault.js';

/** The process that the line depends on, gone without a word; a supervisor starts it again. */
export const KILL_INSPECTOR: Family = {
  name: 'inspector',
  skip: requireTool('mosquitto').skip,
  lay: layPlainLine,
  faults: [
    {
      name: 'kill -9 of the inspector',
      run: async (line, { size }) => {
        for (let blow = 0; blow < size.blows; blow++) {
          await line.letPartsGo();
          await line.strike({ harm: () => line.killInspector(), mend: () => line.forkInspector() });
        }
        return undefined;
      },
    },
  ],
};
