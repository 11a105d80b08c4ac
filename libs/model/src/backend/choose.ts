import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
// Registers the gradients of every op, which tfjs-core alone leaves out under Node.
import '@tensorflow/tfjs';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { DependencyError, messageOf } from '#contracts';
import { registerWasmGradients } from './wasm-gradients.js';

/** Who does the arithmetic of training. */
export const BACKENDS = ['tensorflow', 'webgpu', 'wasm'] as const;
export type BackendName = (typeof BACKENDS)[number];

export interface ChosenBackend {
  readonly name: BackendName;
  /** What answered, in words: package and device. */
  readonly device: string;
  /**
   * Workers that share a batch. The wasm backend runs on one thread, so training spreads over worker threads;
   * the others use the machine by themselves.
   */
  readonly workers: number;
  /** `bit`: the same seed and workers give the same weights. GPUs promise a tolerance only. */
  readonly reproducible: 'bit' | 'tolerance';
}

/**
 * Take the wanted backend, or with `auto` the first that works: native TensorFlow, a real WebGPU adapter, WASM.
 * After this, tfjs runs on it in this thread.
 * @throws DependencyError BACKEND_MISSING when a backend was named and is not there
 */
export async function chooseBackend(wanted: BackendName | 'auto'): Promise<ChosenBackend> {
  const problems: string[] = [];
  for (const name of wanted === 'auto' ? BACKENDS : [wanted]) {
    try {
      return await STARTERS[name]();
    } catch (error) {
      problems.push(`${name}: ${messageOf(error)}`);
    }
  }
  throw new DependencyError(
    'BACKEND_MISSING',
    `No training backend works here. ${problems.join('; ')}. Use --set backend=wasm, which needs nothing but Node.`,
  );
}

const STARTERS: Record<BackendName, () => Promise<ChosenBackend>> = {
  tensorflow: startTensorFlow,
  webgpu: startWebGpu,
  wasm: startWasm,
};

async function startTensorFlow(): Promise<ChosenBackend> {
  const require = createRequire(import.meta.url);
  const failures: string[] = [];
  for (const name of ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']) {
    try {
      require(name);
      await use('tensorflow');
      return { name: 'tensorflow', device: name, workers: 1, reproducible: name.endsWith('gpu') ? 'tolerance' : 'bit' };
    } catch (error) {
      failures.push(messageOf(error).split('\n')[0] ?? name);
    }
  }
  throw new DependencyError('BACKEND_MISSING', failures.join('; '));
}

async function startWebGpu(): Promise<ChosenBackend> {
  const { hasWebGpu, openWebGpu } = await import('./webgpu.js');
  if (!(await hasWebGpu()))
    throw new DependencyError('BACKEND_MISSING', 'no graphics adapter with a driver of its own');
  const device = await openWebGpu();
  await use('webgpu');
  return { name: 'webgpu', device, workers: 1, reproducible: 'tolerance' };
}

async function startWasm(): Promise<ChosenBackend> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(join(dirname(main), '../wasm-out/'));
  registerWasmGradients();
  await use('wasm');
  return { name: 'wasm', device: 'WebAssembly SIMD, XNNPACK', workers: availableParallelism(), reproducible: 'bit' };
}

async function use(backend: string): Promise<void> {
  if (!(await setBackend(backend))) throw new DependencyError('BACKEND_MISSING', `${backend} did not start`);
  await ready();
}
