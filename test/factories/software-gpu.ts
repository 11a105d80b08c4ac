import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The software Vulkan that comes with Chromium: Debian's package, Google's own. */
const DRIVERS = ['/usr/lib/chromium/vk_swiftshader_icd.json', '/opt/google/chrome/vk_swiftshader_icd.json'];
/** Where Debian and Fedora put the Vulkan loader. */
const LOADERS = [
  '/usr/lib/x86_64-linux-gnu/libvulkan.so.1',
  '/usr/lib/aarch64-linux-gnu/libvulkan.so.1',
  '/usr/lib64/libvulkan.so.1',
];

export interface SoftwareGpu {
  /** Environment of a process that is to find it. The loader's folder is read when a process starts: set it before. */
  readonly env: Readonly<Record<string, string>>;
  /** For `describe` / `it`: `false`, or the reason with the line that installs it. */
  readonly skip: string | false;
}

/**
 * A GPU made of software (SwiftShader), so that the WebGPU road runs where no GPU is: slow, but right.
 * @throws Error under CI=true, where a skip would hide a missing part
 */
export function requireSoftwareGpu(): SoftwareGpu {
  const driver = DRIVERS.find((file) => existsSync(file));
  if (driver !== undefined) {
    // Chromium brings a loader of its own for machines without one.
    const folder = dirname(driver);
    const loader: Record<string, string> = LOADERS.some((file) => existsSync(file)) ? {} : { LD_LIBRARY_PATH: folder };
    const hasLoader = !('LD_LIBRARY_PATH' in loader) || existsSync(join(folder, 'libvulkan.so.1'));
    if (hasLoader) return { env: { VK_ICD_FILENAMES: driver, VK_DRIVER_FILES: driver, ...loader }, skip: false };
  }
  const skip =
    'a software Vulkan is missing; install it: apt-get install -y --no-install-recommends chromium libvulkan1';
  if (process.env['CI'] === 'true') throw new Error(skip);
  console.error(`SKIPPED: ${skip}`);
  return { env: {}, skip };
}

/** From now on this process and those it starts find no GPU, whatever the machine has. */
export function hideGpus(): void {
  Object.assign(process.env, { VK_ICD_FILENAMES: '/nowhere/icd.json', VK_DRIVER_FILES: '/nowhere/icd.json' });
}
