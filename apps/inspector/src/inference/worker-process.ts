import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';

const WORKER = new URL('./worker.js', import.meta.url);
/** Processes that may be started for nothing where a model computes on fewer GPUs than there are cores. */
const MOST_AHEAD = 4;

/** Started, and not yet given a model. */
const waiting: ChildProcess[] = [];

/** Start worker processes before there is a model for them: they load their libraries while this process loads its own. */
export function forkAhead({ workers }: { readonly workers: number | null }): void {
  const count = Math.min(MOST_AHEAD, workers ?? availableParallelism());
  while (waiting.length < count) waiting.push(forkWorker());
}

/** A worker process without a model: one that waits, else a new one. */
export function takeWorker(): ChildProcess {
  const child = waiting.shift() ?? forkWorker();
  return child.connected ? child : forkWorker();
}

/** Let those go that nobody took. */
export function dismissWaiting(): void {
  for (const child of waiting.splice(0)) if (child.connected) child.disconnect();
}

function forkWorker(): ChildProcess {
  return fork(WORKER, { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'] });
}
