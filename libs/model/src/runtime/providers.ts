import { hasNarrowWeights } from '../onnx/narrow-weights.js';
import { addsProductsExactly } from './exact-products.js';
import { type InferenceSession, listSupportedBackends } from './onnxruntime.js';
import { missingLibraries, type Provider } from './provider-files.js';

export interface ProviderOptions {
  readonly provider: Provider;
  /** Threads of one run on the CPU. */
  readonly threads: number;
  /** Which GPU, counted from 0; of meaning to CUDA and TensorRT. */
  readonly device: number;
  /** Folder of the engines that TensorRT built for this model and GPU; null = not kept. */
  readonly engineDir: string | null;
}

/**
 * Weights of uint8 instead of int8 (onnxruntime_session_options_config_keys.h): exact everywhere and twice as slow. Only
 * for CPUs and graphs that need it, because ONNX Runtime obeys on CPUs with VNNI too.
 */
const EXACT_PRODUCTS = { extra: { session: { x64quantprecision: '1' } } };

/**
 * What ONNX Runtime is told for a provider. The CPU stands last: it takes what a GPU has no kernel for.
 * @param graph path of the `.onnx` file that is opened, or its bytes
 */
export async function sessionOptionsOf(
  graph: string | Uint8Array,
  options: ProviderOptions,
): Promise<InferenceSession.SessionOptions> {
  const areSumsExact = (await addsProductsExactly()) || (await hasNarrowWeights(graph));
  return {
    executionProviders: executionProviders(options),
    graphOptimizationLevel: 'all',
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    ...(areSumsExact ? {} : EXACT_PRODUCTS),
  };
}

function executionProviders({
  provider,
  device: deviceId,
  engineDir,
}: ProviderOptions): InferenceSession.ExecutionProviderConfig[] {
  switch (provider) {
    case 'cpu':
      return ['cpu'];
    case 'webgpu':
      return ['webgpu', 'cpu'];
    case 'cuda':
      return [{ name: 'cuda', deviceId }, 'cpu'];
    case 'tensorrt':
      return [{ name: 'tensorrt', deviceId, ...engineCache(engineDir) }, { name: 'cuda', deviceId }, 'cpu'];
  }
}

/**
 * Names of the TensorRT provider's own options. The Node binding of 1.30 reads the device alone and passes over the
 * rest (onnxruntime issue 26854), so engines are built at every start until it takes them.
 */
function engineCache(dir: string | null): Readonly<Record<string, string>> {
  if (dir === null) return {};
  return {
    trt_engine_cache_enable: '1',
    trt_engine_cache_path: dir,
    trt_timing_cache_enable: '1',
    trt_timing_cache_path: dir,
  };
}

/** What ONNX Runtime lacks for a provider and how to get it; null when nothing is missing. */
export function missingForProvider(provider: Provider): string | null {
  if (!listSupportedBackends().some(({ name }) => name === provider))
    return `onnxruntime-node has no ${provider} provider for ${process.platform}-${process.arch}`;
  const missing = missingLibraries(provider);
  return missing.length === 0 ? null : `${missing.join(' and ')} missing`;
}
