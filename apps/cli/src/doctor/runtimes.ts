import type { InspectorConfig } from '#config';
import { findRuntimes } from '#model/runtime/find-runtimes';
import { installedVersion, missingLibraries, type Provider } from '#model/runtime/provider-files';
import { blocked, type Finding, gap, ok } from './finding.js';
import { readNvidia } from './graphics.js';
import { type Answer, ask, LOAD_TIMEOUT_MS } from './questions.js';

const BUILT_IN = ['cpu', 'webgpu'];
const DOWNLOADED = ['cuda', 'tensorrt'] as const;

/** ONNX Runtime and its providers, by the files that are there. */
export async function findOnnxRuntime(): Promise<Finding[]> {
  const missing = DOWNLOADED.filter((provider) => missingLibraries(provider).length > 0);
  return describeOnnxRuntime({ version: installedVersion(), missing, hasNvidia: (await readNvidia()) !== null });
}

export function describeOnnxRuntime(options: {
  version: string;
  missing: readonly Provider[];
  hasNvidia: boolean;
}): Finding[] {
  const { version, missing, hasNvidia } = options;
  const present = [...BUILT_IN, ...DOWNLOADED.filter((provider) => !missing.includes(provider))];
  const absent = missing.length === 0 ? '' : `; not here: ${missing.join(', ')}`;
  const found = `${version}; providers ${present.join(', ')}${absent}`;
  if (missing.length === 0 || !hasNvidia) return [ok('ONNX Runtime', found)];
  return [gap('ONNX Runtime', found, 'This machine has an NVIDIA GPU: npm run setup:cuda.')];
}

/** Whether the providers whose files are there compute: CUDA, cuDNN or TensorRT may be missing, or of another version. */
export async function findProviders(): Promise<Finding[]> {
  const present = DOWNLOADED.filter((provider) => missingLibraries(provider).length === 0);
  const answers = present.map(async (provider) => describeProvider(provider, await ask(provider, LOAD_TIMEOUT_MS)));
  return Promise.all(answers);
}

export function describeProvider(provider: (typeof DOWNLOADED)[number], answer: Answer<'cuda' | 'tensorrt'>): Finding {
  const about = `onnx-${provider}`;
  const problem = answer.ok ? answer.value : answer.message;
  if (problem === null) return ok(about, 'computes');
  return gap(about, problem, 'The line does without it where inference.runtime is auto.');
}

/** Where the line is to compute, as configured. */
export async function findInference({ inference }: InspectorConfig): Promise<Finding[]> {
  const about = 'inference';
  const { runtime, precision } = inference;
  const present = await findRuntimes();
  if (runtime === 'auto') return [ok(about, `the fastest of ${present.join(', ')}; precision ${precision}`)];
  const isPresent = runtime === 'tensorflow' ? (await ask(runtime, LOAD_TIMEOUT_MS)).ok : present.includes(runtime);
  if (isPresent) return [ok(about, `${runtime}; precision ${precision}`)];
  const advice = `Set inference.runtime to auto, or to one of ${present.join(', ')}.`;
  return [blocked(about, `${runtime} is configured and not here`, advice)];
}
