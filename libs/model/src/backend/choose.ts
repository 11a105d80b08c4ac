import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
// Registers the gradients of every op, which tfjs-core alone leaves out under Node.
import '@tensorflow/tfjs';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { CodedError, DependencyError, messageOf } from '#contracts';
import { registerActivations } from './activations.js';
import { registerNativeKernels } from './native-kernels.js';
import { openTensorFlow } from './tensorflow.js';
import { registerWasmGradients } from './wasm-gradients.js';

/** Who does the arithmetic of training. `webgpu-software` is WebGPU without a GPU: right, slow, for tests. */
export const BACKENDS = ['tensorflow', 'webgpu', 'wasm', 'webgpu-software'] as const;
export type BackendName = (typeof BACKENDS)[number];

/** What `auto` tries, in this order; a software adapter is never its choice. */
const AUTOMATIC: readonly BackendName[] = ['tensorflow', 'webgpu', 'wasm'];

export interface ChosenBackend {
  readonly name: BackendName;
  /** What answered, in words: library and device. */
  readonly device: string;
  /** Computes on the thread that calls it, so that several workers may share a batch; else one has the whole device. */
  readonly sharesBatches: boolean;
  /** Workers it wants. */
  readonly workers: number;
  /** `bit`: the same seed and workers give the same weights. GPUs promise a tolerance only. */
  readonly reproducible: 'bit' | 'tolerance';
  /** How tensors are read: a GPU behind WebGPU hands values out by promise only. */
  readonly reads: 'at once' | 'later';
  /** Backends that are set up here and did not start, in words: worth a line in the log. */
  readonly passedOver: readonly string[];
}

type Started = Omit<ChosenBackend, 'name' | 'workers' | 'passedOver'>;

/** A batch of 32 leaves two pictures to each; more would wait for one another, each with a network of its own. */
const MOST_WORKERS = 16;

/** Not there is no news; there and broken is. */
const NOT_THERE: readonly string[] = ['TENSORFLOW_MISSING', 'WEBGPU_MISSING'];

/**
 * Take the wanted backend, or with `auto` the first that works: native TensorFlow, a real WebGPU adapter, WASM.
 * After this, tfjs runs on it in this thread.
 * @throws DependencyError when the named one does not start: TENSORFLOW_MISSING | TENSORFLOW_BROKEN |
 *   TENSORFLOW_VERSION | WEBGPU_MISSING; BACKEND_MISSING when none does
 */
export async function chooseBackend(wanted: BackendName | 'auto'): Promise<ChosenBackend> {
  registerActivations();
  if (wanted !== 'auto') return await start(wanted, []);
  const problems: string[] = [];
  const passedOver: string[] = [];
  for (const name of AUTOMATIC) {
    try {
      return await start(name, passedOver);
    } catch (error) {
      problems.push(`${name}: ${messageOf(error)}`);
      if (!(error instanceof CodedError && NOT_THERE.includes(error.code)))
        passedOver.push(`${name}: ${messageOf(error)}`);
    }
  }
  throw new DependencyError('BACKEND_MISSING', `No training backend works here. ${problems.join(' ')}`);
}

async function start(name: BackendName, passedOver: readonly string[]): Promise<ChosenBackend> {
  const started = await STARTERS[name]();
  const workers = started.sharesBatches ? Math.min(availableParallelism(), MOST_WORKERS) : 1;
  return { name, ...started, workers, passedOver };
}

const STARTERS: Record<BackendName, () => Promise<Started>> = {
  tensorflow: startTensorFlow,
  webgpu: startWebGpu,
  wasm: startWasm,
  'webgpu-software': startSoftwareWebGpu,
};

async function startTensorFlow(): Promise<Started> {
  const { version, device, isThreadSafe } = openTensorFlow();
  await use('tensorflow');
  registerNativeKernels(device);
  return {
    device: `TensorFlow ${version}, ${device}`,
    sharesBatches: device === 'CPU' && isThreadSafe,
    reproducible: device === 'GPU' ? 'tolerance' : 'bit',
    reads: 'at once',
  };
}

async function startWebGpu(): Promise<Started> {
  const { hasWebGpu, openWebGpu } = await import('./webgpu.js');
  if (!(await hasWebGpu())) {
    throw new DependencyError(
      'WEBGPU_MISSING',
      'No graphics adapter with a driver of its own answers WebGPU. Install the GPU vendor’s Vulkan driver, or take another backend.',
    );
  }
  const device = await openWebGpu('hardware');
  await use('webgpu');
  return { device, sharesBatches: false, reproducible: 'tolerance', reads: 'later' };
}

async function startSoftwareWebGpu(): Promise<Started> {
  const { openWebGpu } = await import('./webgpu.js');
  const device = await openWebGpu('software');
  await use('webgpu');
  return { device, sharesBatches: false, reproducible: 'tolerance', reads: 'later' };
}

async function startWasm(): Promise<Started> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(join(dirname(main), '../wasm-out/'));
  registerWasmGradients();
  await use('wasm');
  const device = 'WebAssembly SIMD, XNNPACK';
  return { device, sharesBatches: true, reproducible: 'bit', reads: 'at once' };
}

async function use(backend: string): Promise<void> {
  if (!(await setBackend(backend))) throw new DependencyError('BACKEND_MISSING', `${backend} did not start`);
  await ready();
}
