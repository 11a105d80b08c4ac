import { existsSync, readdirSync } from 'node:fs';
import type { RuntimeName } from '#contracts';
import { hasTensorFlow } from '../backend/tensorflow.js';
import { hasWebGpu } from '../backend/webgpu.js';
import { missingLibraries } from './provider-files.js';

const DEVICES = '/dev';
/** How Linux shows a GPU inside WSL, and GPUs of any vendor. */
const WSL_GPU = '/dev/dxg';
const GPU_NODES = ['/dev/dri', '/dev/nvidiactl', WSL_GPU];

/** What tells which runtimes may compute on a machine, without loading one. */
export interface Machine {
  /** NVIDIA's GPUs. Where they cannot be counted, 1. */
  readonly nvidiaGpus: number;
  /** False where no GPU of any vendor can be. */
  readonly mayHaveGpu: boolean;
  readonly hasProvider: (provider: 'cuda' | 'tensorrt') => boolean;
  readonly hasTensorFlow: () => boolean;
  /** A process of its own gets a WebGPU adapter that is not software. */
  readonly hasWebGpu: () => Promise<boolean>;
}

/** Runtimes that may compute here, the likely fastest first: a trial tells which do. */
export async function findRuntimes(machine: Machine = lookAtMachine()): Promise<RuntimeName[]> {
  const found: RuntimeName[] = [];
  if (machine.nvidiaGpus > 0) {
    if (machine.hasProvider('tensorrt')) found.push('onnx-tensorrt');
    if (machine.hasProvider('cuda')) found.push('onnx-cuda');
    if (machine.hasTensorFlow()) found.push('tensorflow');
  }
  if (machine.mayHaveGpu && (await machine.hasWebGpu())) found.push('onnx-webgpu');
  // TensorFlow on a CPU takes several times what ONNX Runtime takes (docs/runtimes.md): it is never the fastest.
  return [...found, 'onnx-cpu'];
}

/** GPUs that a runtime spreads its workers over; 0 for the CPU. */
export function countGpus(runtime: RuntimeName, { nvidiaGpus }: Pick<Machine, 'nvidiaGpus'> = lookAtMachine()): number {
  switch (runtime) {
    case 'onnx-cpu':
      return 0;
    case 'onnx-cuda':
    case 'onnx-tensorrt':
      return nvidiaGpus;
    case 'onnx-webgpu':
    case 'tensorflow':
      return 1;
  }
}

function lookAtMachine(): Machine {
  const isLinux = process.platform === 'linux';
  const isCountable = isLinux && !existsSync(WSL_GPU);
  return {
    nvidiaGpus: isCountable ? readdirSync(DEVICES).filter((name) => /^nvidia\d+$/.test(name)).length : 1,
    mayHaveGpu: !isLinux || GPU_NODES.some((node) => existsSync(node)),
    hasProvider: (provider) => missingLibraries(provider).length === 0,
    hasTensorFlow,
    hasWebGpu,
  };
}
