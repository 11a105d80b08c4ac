import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Place, Precision, RuntimeName } from '#contracts';

const PROCESS = new URL('./trial-process.js', import.meta.url);

/**
 * Longest wait for a model to be opened and proven, ms. A big one on the CPU of a slow box stays well below; a GPU
 * compiles its kernels, TensorRT builds an engine.
 */
export const OPEN_TIMEOUT_MS: Readonly<Record<RuntimeName, number>> = {
  'onnx-cpu': 60_000,
  'onnx-webgpu': 180_000,
  'onnx-cuda': 180_000,
  'onnx-tensorrt': 1_200_000,
  tensorflow: 180_000,
};

/** Ended from outside, as where memory runs short: of this runtime it says nothing. */
export const TRIAL_KILLED = 'TRIAL_KILLED';

/** One runtime and the precisions it is tried in. */
export interface TrialOrder {
  readonly modelDir: string;
  readonly maxPixels: number;
  readonly runtime: RuntimeName;
  readonly precisions: readonly Precision[];
  readonly engineDir: string | null;
}

/** What came of one place: its speed after the device check was passed, or why it cannot be. */
export type Trial = Place & (Passed | Failed);
/** The same from the trying process, which knows one runtime. The last word on a precision counts. */
export type TrialAnswer = Omit<Place, 'runtime'> & (Passed | Failed);

interface Passed {
  readonly ok: true;
  /** Median milliseconds of one picture with all its tiles, the threads of a worker. */
  readonly msPerPicture: number;
}

export interface Failed {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
}

/**
 * Try a runtime in a process of its own: a driver that takes its process down takes nothing else with it.
 * @throws AbortError when the signal ends it
 */
export async function tryRuntime(order: TrialOrder, signal: AbortSignal): Promise<Trial[]> {
  const child = fork(PROCESS, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    signal,
    killSignal: 'SIGKILL',
  });
  const { runtime, precisions } = order;
  const answers = new Map<Precision, Passed | Failed>();
  child.on('message', ({ precision, ...answer }: TrialAnswer) => answers.set(precision, answer));
  const patienceMs = OPEN_TIMEOUT_MS[runtime] * precisions.length;
  let isStalled = false;
  const timer = setTimeout(() => {
    isStalled = child.kill('SIGKILL');
  }, patienceMs);
  child.send(order);
  const [code, killedBy] = (await once(child, 'exit').finally(() => clearTimeout(timer))) as [number, string | null];
  const end = isStalled
    ? failed('WORKER_STALLED', `Trying ${runtime} took longer than ${patienceMs / 1_000} s.`)
    : endOf(runtime, code, killedBy);
  return precisions.map((precision) => ({ runtime, precision, ...(answers.get(precision) ?? end) }));
}

/** A driver that takes its process down ends it by any other signal. */
function endOf(runtime: RuntimeName, code: number, killedBy: string | null): Failed {
  if (killedBy === 'SIGKILL') {
    const why = 'as the system does where memory runs short; free memory, or name another inference.runtime';
    return failed(TRIAL_KILLED, `Trying ${runtime} was ended from outside (SIGKILL), ${why}.`);
  }
  return failed('WORKER_DIED', `Trying ${runtime} ended its process (${killedBy ?? `code ${code}`}).`);
}

function failed(code: string, message: string): Failed {
  return { ok: false, code, message };
}
