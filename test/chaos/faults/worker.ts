import { requireTool } from '../../factories/tools.js';
import { type Family, type Fault, layPlainLine, strikeAgain } from '../fault.js';
import type { ChaosLine } from '../line.js';

/** Restarts a crew may take in a minute; a fault that asks for more waits for its budget (line contract, promise 6). */
const RESTARTS = 5;

const KILL: Fault = {
  name: 'kill -9 of a worker',
  run: (line, { size }) =>
    strikeAgain(line, Math.min(size.blows, RESTARTS - 1), () => ({ harm: () => signalWorker(line, 'SIGKILL') })),
};

const STOP: Fault = {
  name: 'SIGSTOP of a worker',
  run: async (line) => {
    await line.letPartsGo();
    await line.strike({ harm: () => signalWorker(line, 'SIGSTOP') });
    return undefined;
  },
};

/** A worker process that dies, and one that lives and does nothing. */
export const HARM_WORKER: Family = {
  name: 'worker',
  skip: requireTool('mosquitto').skip,
  lay: layPlainLine,
  faults: [STOP, KILL],
};

function signalWorker(line: ChaosLine, signal: NodeJS.Signals): void {
  process.kill(line.dice.pick(line.workerPids), signal);
}
