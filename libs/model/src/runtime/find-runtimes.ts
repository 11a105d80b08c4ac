import { existsSync, readdirSync } from 'node:fs';
import type { RuntimeName } from '#contracts';
import { hasTensorFlow } from '../backend/tensorflow.js';
import { hasWebGpu } from '../backend/webgpu.js';
import { missingLibraries } from './provider-files.js';

const DEVICES = '/dev';
/** How Linux shows a GPU inside WSL, and GPUs of any vendor. */
const WSL_GPU = '/dev/dxg';
const GPU_NODES = ['/dev/dri', '/dev/nvidiactl', WSL_GPU];

/**
 * Runtimes that may compute here, the likely fastest first: a trial tells which do. Cheap: files and device nodes, and
 * one probing process where there is a GPU. Software adapters never count.
 */
export async function findRuntimes(): Promise<RuntimeName[]> {
  const found: RuntimeName[] = [];
  if (countGpus('onnx-cuda') > 0) {
    if (missingLibraries('tensorrt').length === 0) found.push('onnx-tensorrt');
    if (missingLibraries('cuda').length === 0) found.push('onnx-cuda');
    if (hasTensorFlow()) found.push('tensorflow');
  }
  if (mayHaveGpu() && (await hasWebGpu())) found.push('onnx-webgpu');
  // TensorFlow on a CPU needs some fifteen times ONNX Runtime's time (docs/runtimes.md): it is never the fastest.
  return [...found, 'onnx-cpu'];
}

/** GPUs that a runtime spreads its workers over; 0 for the CPU. What cannot be counted is one. */
export function countGpus(runtime: RuntimeName): number {
  if (runtime === 'onnx-cpu') return 0;
  if (runtime === 'onnx-webgpu' || runtime === 'tensorflow') return 1;
  if (process.platform !== 'linux' || existsSync(WSL_GPU)) return 1;
  return readdirSync(DEVICES).filter((name) => /^nvidia\d+$/.test(name)).length;
}

function mayHaveGpu(): boolean {
  return process.platform !== 'linux' || GPU_NODES.some((node) => existsSync(node));
}
