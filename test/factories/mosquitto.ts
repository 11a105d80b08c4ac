import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { type FoundTool, freePort, tempDir } from './tools.js';

export interface RunningMosquitto {
  /** `mqtt://127.0.0.1:port`. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** What it said, line by line; the last 500. */
  readonly printed: readonly string[];
  /** End the broker now (a broker that goes away); its suite ends it otherwise. */
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
}

/**
 * Start a real mosquitto on 127.0.0.1 and wait until it runs; it ends with the running test or suite.
 * @param options.port the port of a broker that was stopped, to bring it back; else one from the system
 * @param options.isQuiet prints state changes alone; else every packet, for `printed`
 * @param options.config further lines of mosquitto.conf; `allow_anonymous true` unless they say otherwise
 * @throws Error with what it printed when it ends instead of running
 */
export async function startMosquitto(
  mosquitto: FoundTool,
  options: { port?: number; config?: readonly string[]; isQuiet?: boolean } = {},
): Promise<RunningMosquitto> {
  const port = options.port ?? (await freePort());
  const file = join(tempDir(), 'mosquitto.conf');
  const config = options.config ?? [];
  const access = config.some((line) => line.startsWith('allow_anonymous')) ? [] : ['allow_anonymous true'];
  writeFileSync(file, [`listener ${port} 127.0.0.1`, ...access, ...config, ''].join('\n'));
  const child = spawn(mosquitto.path, ['-c', file, ...(options.isQuiet ? [] : ['-v'])], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stop = (): Promise<void> => end(child);
  after(stop);
  const printed: string[] = [];
  await untilRunning(child, printed);
  const { pid } = child;
  if (pid === undefined) throw new Error('expected a running mosquitto to have a process id');
  const kill = async (): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  return { url: `mqtt://127.0.0.1:${port}`, port, pid, printed, stop, kill };
}

async function untilRunning(child: ChildProcess, printed: string[]): Promise<void> {
  if (child.stderr === null) throw new Error('expected mosquitto to be started with a pipe for what it prints');
  const lines = createInterface({ input: child.stderr });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`mosquitto ended at start:\n${printed.join('\n')}`)));
    lines.on('line', (line) => {
      // Read on for its whole life: a full pipe would stop the broker.
      printed.push(line);
      if (printed.length > 500) printed.shift();
      if (/mosquitto version .* running$/.test(line)) resolve();
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  // It forgets a signal that comes between the line that says it runs and its main loop.
  const again = setInterval(() => child.kill('SIGTERM'), 200);
  await ended;
  clearInterval(again);
}
