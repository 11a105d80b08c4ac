import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { DependencyError } from '#contracts';
import { track } from '../scratch.js';
import type { BareOrder } from './bare.js';
import { ProcessCall } from './process-call.js';
import { withChildren } from './processes.js';
import { type Road, runPhase } from './road.js';
import type { FromStation, StationOrder, ToStation } from './station.js';

/** Compiled files lie in dist/apps/cli/src/bench/frame-path. */
const SCRIPT = fileURLToPath(new URL('../../../../../../test/bench/frame_path.py', import.meta.url));
const Ready = z.object({ words: z.string() });

/**
 * The peer: an inspector in Python on the same graph.
 * @throws DependencyError BENCH_PYTHON when there is no such Python or it lacks a package
 */
export async function openPythonRoad(order: {
  python: string;
  station: Omit<StationOrder, 'kind'>;
  bare: Omit<BareOrder, 'kind'>;
  workers: number;
  threshold: number;
  dir: string;
}): Promise<Road> {
  const { brokerUrl, station: name } = order.station;
  const { hostname, port } = new URL(brokerUrl);
  const { graphFile, input, outputs, preprocess } = order.bare;
  const settings = {
    host: hostname,
    port: Number(port),
    base: `${name}/vision/v1`,
    graph: graphFile,
    input,
    outputs,
    side: preprocess.resize.width,
    workers: order.workers,
    threshold: order.threshold,
    ledger: join(order.dir, 'ledger.sqlite'),
  };
  const { child, ended, words } = await askPython(order.python, settings);
  const station = ProcessCall.start<ToStation, FromStation>(
    new URL('./station-process.js', import.meta.url),
    'The cameras',
  );
  station.tell({ kind: 'open', ...order.station });
  await station.answer('opened');
  const pids = () => withChildren(child.pid ?? 0);
  return {
    name: 'Python',
    words,
    pids,
    run: (phase, meanwhile) => runPhase(station, { ...phase, answeredBy: 'gate' }, { pids, meanwhile }),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await station.stop();
    },
  };
}

/**
 * Start the script; without settings it only says which versions it has.
 * @throws DependencyError BENCH_PYTHON
 */
export async function askPython(
  python: string,
  settings: object | null,
): Promise<{ child: ChildProcess; ended: Promise<unknown>; words: string }> {
  const child = track(spawn(python, [SCRIPT, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'pipe'] }));
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2_000);
  });
  const ended = once(child, 'close').catch((error: Error) => {
    complaint += error.message;
  });
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended.then(() => [])]);
  if (line !== undefined) return { child, ended, words: Ready.parse(JSON.parse(String(line))).words };
  const last = complaint.trim().split('\n').at(-1) ?? '';
  throw new DependencyError(
    'BENCH_PYTHON',
    `${python} cannot inspect: ${last}. Expected a Python with paho-mqtt, opencv-python, onnxruntime and numpy: --python PATH.`,
  );
}
