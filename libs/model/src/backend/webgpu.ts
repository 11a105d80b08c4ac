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

/** A graphics adapter, in words. */
export interface Adapter {
  readonly words: string;
  /** Right, but slower than a CPU's own arithmetic. */
  readonly isSoftware: boolean;
}

/** Preferences that between them name the adapters of a machine: a big one, a small one, one made of software. */
const PREFERENCES = [
  { powerPreference: 'high-performance' },
  { powerPreference: 'low-power' },
  { forceFallbackAdapter: true },
] as const;

/**
 * Adapters that Dawn finds, each once. Dawn complains on stderr where there is no Vulkan.
 * @throws DependencyError WEBGPU_MISSING without the package
 */
export async function listAdapters(): Promise<Adapter[]> {
  const { create } = await importWebGpu();
  const gpu = create([]);
  const adapters = new Map<string, Adapter>();
  for (const preference of PREFERENCES) {
    const adapter = await gpu.requestAdapter(preference);
    if (adapter === null) continue;
    const words = describe(adapter.info);
    adapters.set(words, { words, isSoftware: SOFTWARE.test(words) });
  }
  return [...adapters.values()];
}

/**
 * The adapter that Dawn prefers, with what it needs to be used.
 * @throws DependencyError WEBGPU_MISSING without the package or an adapter of the kind
 */
export async function findAdapter(kind: AdapterKind): Promise<{ words: string; gpu: unknown; globals: object }> {
  const { create, globals } = await importWebGpu();
  const gpu = create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) {
    throw new DependencyError('WEBGPU_MISSING', 'There is no graphics adapter: no GPU, or no Vulkan driver for it.');
  }
  const words = describe(adapter.info);
  if (SOFTWARE.test(words) !== (kind === 'software')) {
    throw new DependencyError('WEBGPU_MISSING', `Expected a ${kind} adapter, got ${words}.`);
  }
  return { words, gpu, globals };
}

function importWebGpu(): Promise<typeof import('webgpu')> {
  return import('webgpu').catch((cause: unknown) => {
    throw new DependencyError(
      'WEBGPU_MISSING',
      'The package webgpu is not installed; `npm ci` installs it where there is one for the platform.',
      { cause },
    );
  });
}

type AdapterInfo = Readonly<Record<'vendor' | 'architecture' | 'device' | 'description', string>>;

function describe({ vendor, architecture, device, description }: AdapterInfo): string {
  return [vendor, architecture, device, description].filter((word) => word !== '').join(' ');
}
