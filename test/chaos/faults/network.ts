import { requireTool } from '../../factories/tools.js';
import { type Family, layPlainLine, strikeAgain } from '../fault.js';

/** The network between inspector and broker: cut, and half-open, where nobody is told that nothing arrives. */
export const HARM_NETWORK: Family = {
  name: 'network',
  skip: requireTool('mosquitto').skip,
  lay: layPlainLine,
  faults: [
    {
      name: 'network cut',
      run: (line, { size, dice }) =>
        strikeAgain(line, size.blows, () => ({
          harm: () => line.tap.cut(),
          lastsMs: dice.between(0, 1_500),
          mend: () => line.tap.mend(),
        })),
    },
    {
      name: 'half-open connections',
      run: async (line) => {
        await line.letPartsGo();
        // Those that fell silent stay so: it takes both ends' keepalive to give them up.
        await line.strike({ harm: () => line.tap.silence(), lastsMs: 500, mend: () => line.tap.mend() });
        line.course.say(
          'silent connections are given up by the keepalive of 10 s; the gate rejects by its own timer meanwhile',
        );
      },
    },
  ],
};
