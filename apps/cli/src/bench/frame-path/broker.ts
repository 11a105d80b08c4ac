import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DependencyError } from '#contracts';
import { track } from '../scratch.js';

/** Compiled files lie in dist/apps/cli/src/bench/frame-path. */
const SHIPPED = fileURLToPath(new URL('../../../../../../config/mosquitto.conf', import.meta.url));
const RUNS = /mosquitto version (\S+) running/;

export interface RunningBroker {
  readonly url: string;
  readonly port: number;
  readonly words: string;
}

/**
 * A mosquitto of our own on 127.0.0.1 with the settings that the product ships, for as long as the bench runs.
 * @throws DependencyError BENCH_BROKER
 */
export async function startBroker({ program, dir }: { program: string; dir: string }): Promise<RunningBroker> {
  const port = await freePort();
  const shipped = await readFile(SHIPPED, 'utf8');
  const file = join(dir, 'mosquitto.conf');
  await writeFile(file, shipped.replace(/^listener .*$/m, `listener ${port} 127.0.0.1`));
  const child = track(spawn(program, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] }));
  const ended = once(child, 'exit').catch((error: Error) => [error.message]);
  const lines = createInterface({ input: child.stderr });
  const printed: string[] = [];
  const runs = new Promise<string>((resolve) => {
    lines.on('line', (line) => {
      printed.push(line);
      const [, version] = RUNS.exec(line) ?? [];
      if (version !== undefined) resolve(version);
    });
  });
  const version = await Promise.race([runs, ended.then(() => null)]);
  if (version === null) {
    throw new DependencyError(
      'BENCH_BROKER',
      `${program} does not run as a broker: ${printed.at(-1) ?? 'no such program'}. Install mosquitto 2, or name it: --mosquitto PATH.`,
    );
  }
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    words: `mosquitto ${version}`,
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
