import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

// Looks at files alone: whoever only wants to know what is there does not load ONNX Runtime for it.

/** Devices of ONNX Runtime that a model can be put on. */
export type Provider = 'tensorrt' | 'cuda' | 'webgpu' | 'cpu';

const require = createRequire(import.meta.url);

/** Version of the installed onnxruntime-node. */
export function installedVersion(): string {
  return (require('onnxruntime-node/package.json') as { version: string }).version;
}

/** Folder that ONNX Runtime loads providers from: beside its own library. */
export function providerDir(): string {
  const main = require.resolve('onnxruntime-node');
  return join(dirname(main), '..', 'bin', 'napi-v6', process.platform, process.arch);
}

/** Libraries of a provider that are not there; the CPU and WebGPU are built in. */
export function missingLibraries(provider: Provider): string[] {
  if (provider === 'cpu' || provider === 'webgpu') return [];
  return ['shared', provider].map(libraryOf).filter((file) => !existsSync(file));
}

function libraryOf(name: string): string {
  const file =
    process.platform === 'win32' ? `onnxruntime_providers_${name}.dll` : `libonnxruntime_providers_${name}.so`;
  return join(providerDir(), file);
}
