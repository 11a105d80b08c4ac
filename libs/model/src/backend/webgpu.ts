import { fork } from 'node:child_process';
import { once } from 'node:events';
import { DependencyError } from '#contracts';

/** Names under which software Vulkan shows itself: right, but far slower than WASM. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|cpu/i;

/** Which adapters count. Software is for tests alone: no choice by itself ever falls on it. */
export type AdapterKind = 'hardware' | 'software';

/**
 * Put Dawn's WebGPU where tfjs looks for a browser's, if an adapter of the kind is there. The backend reads the globals
 * when it is imported, so they come first.
 * @returns the adapter in words
 * @throws DependencyError WEBGPU_MISSING without the packages or such an adapter
 */
export async function openWebGpu(kind: AdapterKind): Promise<string> {
  const { words, gpu, globals } = await findAdapter(kind);
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  await import('@tensorflow/tfjs-backend-webgpu');
  return words;
}

/**
 * True when a process of its own finds a hardware adapter. Dawn complains on stderr where there is no Vulkan, which is
 * no news to anybody on a machine without a GPU.
 */
export async function hasWebGpu(): Promise<boolean> {
  const probe = fork(new URL('./webgpu-probe.js', import.meta.url), { stdio: 'ignore' });
  const [code] = await once(probe, 'exit');
  return code === 0;
}

/**
 * The adapter that Dawn prefers, with what it needs to be used.
 * @throws DependencyError WEBGPU_MISSING without the package or an adapter of the kind
 */
export async function findAdapter(kind: AdapterKind): Promise<{ words: string; gpu: unknown; globals: object }> {
  const { create, globals } = await import('webgpu').catch((cause: unknown) => {
    throw new DependencyError(
      'WEBGPU_MISSING',
      'The package webgpu is not installed; `npm ci` installs it where there is one for the platform.',
      { cause },
    );
  });
  const gpu = create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) {
    throw new DependencyError('WEBGPU_MISSING', 'There is no graphics adapter: no GPU, or no Vulkan driver for it.');
  }
  const { vendor, architecture, description, device } = adapter.info;
  const words = [vendor, architecture, device, description].filter((word) => word !== '').join(' ');
  if (SOFTWARE.test(words) !== (kind === 'software')) {
    throw new DependencyError('WEBGPU_MISSING', `Expected a ${kind} adapter, got ${words}.`);
  }
  return { words, gpu, globals };
}
