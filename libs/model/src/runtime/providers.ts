import { type InferenceSession, listSupportedBackends } from 'onnxruntime-node';
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

/** What ONNX Runtime is told for a provider. The CPU stands last: it takes what a GPU has no kernel for. */
export function sessionOptionsOf(options: ProviderOptions): InferenceSession.SessionOptions {
  return {
    executionProviders: executionProviders(options),
    graphOptimizationLevel: 'all',
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    // x86 CPUs without VNNI add products of uint8 and int8 in 16 bits and cut them off there: wrong scores. This takes the
    // exact, slower way on those CPUs and changes nothing on others (onnxruntime_session_options_config_keys.h).
    extra: { session: { x64quantprecision: '1' } },
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
