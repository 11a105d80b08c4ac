import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { io } from 'socket.io-client';
import { stringify } from 'yaml';
import { DependencyError, LIVE_PATH } from '#contracts';
import { INSPECTOR_FLAGS } from '../../../../inspector/src/heap.js';
import { track } from '../scratch.js';
import { ProcessCall } from './process-call.js';
import { peakMemoryMb, withChildren } from './processes.js';
import { type Road, runPhase } from './road.js';
import type { FromStation, StationOrder, ToStation } from './station.js';

/** Compiled files lie in dist/apps/cli/src/bench/frame-path. */
const CLI = new URL('../../main.js', import.meta.url);
export const RECIPE = 'bench';

export interface InspectorOrder {
  readonly name: string;
  readonly station: Omit<StationOrder, 'kind'>;
  readonly registryDir: string;
  /** Its own folder: configuration and data. */
  readonly dir: string;
  readonly precision: 'fp32' | 'auto';
}

export interface InspectorRoad extends Road {
  /** From fork to the last camera READY, ms. */
  readonly startMs: number;
  peakMemoryMb(): number;
}

/**
 * The whole inspector as the systemd unit runs it, with a page that listens.
 * @throws DependencyError BENCH_INSPECTOR when it ends before its cameras are READY
 */
export async function openInspectorRoad(order: InspectorOrder): Promise<InspectorRoad> {
  const station = ProcessCall.start<ToStation, FromStation>(
    new URL('./station-process.js', import.meta.url),
    'The cameras',
  );
  const opened = station.answer('opened');
  station.tell({ kind: 'open', ...order.station });
  await opened;
  const file = join(order.dir, 'inspector.yaml');
  await writeFile(file, stringify(configOf(order)));
  const startedAt = Date.now();
  station.tell({ kind: 'awaitReady' });
  const child = track(
    fork(CLI, ['inspector', '--config', file], {
      execArgv: [...process.execArgv, ...INSPECTOR_FLAGS],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    }),
  );
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2_000);
  });
  const ended = once(child, 'close');
  const died = ended.then(([code]): never => {
    const words = `The inspector ended (exit code ${code}) before its cameras were READY: ${complaint.trim()}`;
    throw new DependencyError('BENCH_INSPECTOR', words);
  });
  const started = Promise.all([once(child, 'message') as Promise<[{ url: string }]>, station.answer('ready')]);
  const [[{ url }], { at }] = await Promise.race([started, died]);
  const page = io(url, { path: LIVE_PATH, transports: ['websocket'] });
  const pid = child.pid ?? 0;
  const pids = () => withChildren(pid);
  return {
    name: order.name,
    words: `precision ${order.precision}`,
    pids,
    startMs: at - startedAt,
    peakMemoryMb: () => peakMemoryMb(pid),
    run: (phase, meanwhile) => runPhase(station, { ...phase, answeredBy: 'gate' }, { pids, meanwhile }),
    stop: async () => {
      page.disconnect();
      child.kill('SIGTERM');
      await ended;
      await station.stop();
    },
  };
}

/** As shipped, but for places and ports; every camera as the configuration's defaults have it. */
function configOf({ station, registryDir, dir, precision }: InspectorOrder): object {
  return {
    inspector: { station: station.station, mode: 'production', dataDir: join(dir, 'data') },
    registry: { dir: registryDir },
    cameras: station.cameras.map((name) => ({ name, recipe: RECIPE })),
    recipes: [{ name: RECIPE }],
    broker: { url: station.brokerUrl },
    inference: { precision },
    http: { port: 0 },
    log: { level: 'warn' },
  };
}
