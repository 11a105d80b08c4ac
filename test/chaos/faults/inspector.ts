import { requireTool } from '../../factories/tools.js';
import { type Family, layPlainLine, strikeAgain } from '../fault.js';

/** The process that the line depends on, gone without a word; a supervisor starts it again. */
export const KILL_INSPECTOR: Family = {
  name: 'inspector',
  skip: requireTool('mosquitto').skip,
  lay: layPlainLine,
  faults: [
    {
      name: 'kill -9 of the inspector',
      run: (line, { size }) =>
        strikeAgain(line, size.blows, () => ({ harm: () => line.killInspector(), mend: () => line.forkInspector() })),
    },
  ],
};
