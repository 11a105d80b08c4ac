import { requireTool } from '../../factories/tools.js';
import { type Family, layPlainLine, strikeAgain } from '../fault.js';

/** The broker dies and comes back, and stops answering and goes on. */
export const HARM_BROKER: Family = {
  name: 'broker',
  skip: requireTool('mosquitto').skip,
  lay: layPlainLine,
  faults: [
    {
      name: 'kill -9 of the broker',
      run: (line, { size }) =>
        strikeAgain(line, size.blows, () => ({ harm: () => line.killBroker(), mend: () => line.startBroker() })),
    },
    {
      name: 'SIGSTOP of the broker',
      run: async (line, { size }) => {
        await line.letPartsGo();
        for (const seconds of size.blows > 2 ? [3, 30] : [3]) {
          const { pid } = line.broker;
          const goOn = (): unknown => process.kill(pid, 'SIGCONT');
          try {
            await line.strike({ harm: () => process.kill(pid, 'SIGSTOP'), lastsMs: seconds * 1_000, mend: goOn });
          } finally {
            goOn();
          }
        }
        return undefined;
      },
    },
  ],
};
