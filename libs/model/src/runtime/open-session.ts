import { availableParallelism } from 'node:os';
import { InputError, type Place, type RuntimeName } from '#contracts';
import type { Artefact } from '../artefact.js';
import { OnnxSession } from './onnx-session.js';
import { EVERYWHERE, problemOf } from './place.js';
import type { Provider } from './provider-files.js';
import { outputsOf } from './score-batch.js';
import type { ModelSession } from './session.js';
import { ThreadedSession } from './threaded-session.js';

export interface OpenOptions extends Partial<Place> {
  /** Threads of one run on the CPU; default 1, because parallelism on a line comes from worker processes. */
  readonly threads?: number;
  /** Names of the outputs to compute; default what a decision needs. */
  readonly outputs?: readonly string[];
  /** Which GPU, counted from 0. */
  readonly device?: number;
  /** Folder of TensorRT's engines for this model; null = not kept. */
  readonly engineDir?: string | null;
}

/**
 * Open a model in a runtime; what is left out is {@link EVERYWHERE}.
 * @throws InputError PRECISION_MISSING when the model has no accepted graph in this precision, or the runtime cannot
 *   run it; MODEL_UNREADABLE | MODEL_SHAPE | MODEL_OUTPUT | MODEL_MISSING
 * @throws DependencyError RUNTIME_MISSING
 */
export async function openSession(artefact: Artefact, options: OpenOptions = {}): Promise<ModelSession> {
  const { card, graphFiles } = artefact;
  const { runtime = EVERYWHERE.runtime, precision = EVERYWHERE.precision, ...rest } = options;
  const outputs = options.outputs ?? outputsOf(card);
  const problem = problemOf(card, { runtime, precision });
  const graph = graphFiles[precision];
  if (problem !== null || graph === undefined) throw new InputError('PRECISION_MISSING', problem ?? card.id);
  if (runtime !== 'tensorflow') return OnnxSession.open(graph, { ...rest, outputs, provider: PROVIDER_OF[runtime] });
  // Imported here alone: TensorFlow.js costs a worker that does not use it half a second.
  const { TensorFlowSession } = await import('./tensorflow-session.js');
  return TensorFlowSession.open(artefact, { outputs });
}

/**
 * The same for many pictures, several batches at a time: ONNX Runtime on the CPU gets threads with a session each.
 * @throws as {@link openSession}
 */
export async function openForMany(artefact: Artefact, place: Partial<Place> = {}): Promise<ModelSession> {
  const { card, graphFiles } = artefact;
  const { runtime, precision } = { ...EVERYWHERE, ...place };
  const graph = graphFiles[precision];
  const isOnCpu = runtime === 'onnx-cpu' && problemOf(card, { runtime, precision }) === null;
  if (!isOnCpu || graph === undefined) return openSession(artefact, { ...place, threads: availableParallelism() });
  return ThreadedSession.open(graph, { outputs: outputsOf(card) });
}

/** Device of ONNX Runtime that a runtime puts a model on. */
export const PROVIDER_OF: Readonly<Record<Exclude<RuntimeName, 'tensorflow'>, Provider>> = {
  'onnx-tensorrt': 'tensorrt',
  'onnx-cuda': 'cuda',
  'onnx-webgpu': 'webgpu',
  'onnx-cpu': 'cpu',
};
