import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { graphics } from 'systeminformation';
import { type Finding, gap, ok } from './finding.js';
import { type Answer, ask, LOAD_TIMEOUT_MS } from './questions.js';

const run = promisify(execFile);
const QUERY = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'];
/** Makers of GPUs that compute; a virtual machine's display adapter is none. */
const MAKERS = /nvidia|amd|ati technologies|intel|apple|qualcomm/i;

/** Lines of name, driver version and memory, one per GPU, from the program of NVIDIA's driver; null without a driver. */
export async function readNvidia(): Promise<string | null> {
  return run('nvidia-smi', QUERY, { timeout: LOAD_TIMEOUT_MS }).then(
    ({ stdout }) => stdout,
    () => null,
  );
}

/** GPUs on the bus, with or without a driver. */
async function listGpus(): Promise<string[]> {
  const { controllers } = await graphics();
  return controllers.map(({ vendor, model }) => `${vendor} ${model}`).filter((words) => MAKERS.test(words));
}

export async function findCudaDriver(): Promise<Finding[]> {
  return describeCudaDriver(await readNvidia(), await listGpus());
}

export function describeCudaDriver(lines: string | null, gpus: readonly string[]): Finding[] {
  const about = 'CUDA driver';
  const driven = (lines ?? '').split('\n').flatMap((line) => {
    const [name, driver, memory] = line.split(',').map((field) => field.trim());
    return name === undefined || driver === undefined ? [] : [`${name} (${memory}), driver ${driver}`];
  });
  if (driven.length > 0) return [ok(about, driven.join('; '))];
  const idle = gpus.filter((words) => /nvidia/i.test(words));
  if (idle.length === 0) return [ok(about, 'none, and no NVIDIA GPU')];
  return [gap(about, `none for ${idle.join(', ')}`, 'Install NVIDIA’s driver; nvidia-smi comes with it.')];
}

export async function findAdapters(): Promise<Finding[]> {
  return describeAdapters(await ask('adapters', LOAD_TIMEOUT_MS), await listGpus());
}

export function describeAdapters(answer: Answer<'adapters'>, gpus: readonly string[]): Finding[] {
  const about = 'Vulkan adapters';
  if (!answer.ok) return [gap(about, answer.message, 'WebGPU, for any GPU, needs the package webgpu: npm ci.')];
  const adapters = answer.value;
  const words = adapters.map((adapter) => `${adapter.words}${adapter.isSoftware ? ' (software)' : ''}`).join('; ');
  const found = words === '' ? 'none' : words;
  if (gpus.length === 0 || adapters.some(({ isSoftware }) => !isSoftware)) return [ok(about, found)];
  return [gap(about, `${found}, for ${gpus.join(', ')}`, 'Install the GPU vendor’s Vulkan driver.')];
}
