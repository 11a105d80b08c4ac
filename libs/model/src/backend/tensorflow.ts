import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DependencyError, messageOf } from '#contracts';
import { restoreUtil } from './removed-from-node.js';

/** Native TensorFlow as it answered. */
export interface NativeTensorFlow {
  /** Of libtensorflow, as in 2.21.0. */
  readonly version: string;
  readonly device: 'CPU' | 'GPU';
  /** May compute in several threads at once: what `setup:tensorflow` makes may, what packages download may not. */
  readonly isThreadSafe: boolean;
}

/** A place where TensorFlow may be. */
interface Place {
  /** Registers the backend with tfjs. */
  readonly entry: string;
  /** The compiled addon; null where a package came without it. */
  readonly addon: string | null;
  /** Version of the library that the addon was built for, where that is known. */
  readonly built: string | null;
  readonly isThreadSafe: boolean;
}

const require = createRequire(import.meta.url);

/**
 * Load native TensorFlow into tfjs: what `setup:tensorflow` made, else a package whose own download worked. Afterwards
 * tfjs has a backend `tensorflow`. Nothing is registered before the addon is known to load.
 * @throws DependencyError TENSORFLOW_MISSING when none is set up, TENSORFLOW_BROKEN when it does not load,
 *   TENSORFLOW_VERSION when the library is another than the addon was built for
 */
export function openTensorFlow(): NativeTensorFlow {
  restoreUtil();
  const { entry, addon, built, isThreadSafe } = findPlace();
  const { TF_Version: version, isUsingGpuDevice } = loadAddon(addon);
  if (built !== null && built !== version) {
    throw new DependencyError(
      'TENSORFLOW_VERSION',
      `The TensorFlow addon was built for libtensorflow ${built} and found ${version}. Look at LD_LIBRARY_PATH, or set it up again: npm run setup:tensorflow.`,
    );
  }
  require(entry);
  return { version, device: isUsingGpuDevice() ? 'GPU' : 'CPU', isThreadSafe };
}

/** True where the files of native TensorFlow lie. Whether they load, only loading tells. */
export function hasTensorFlow(): boolean {
  try {
    findPlace();
    return true;
  } catch {
    return false;
  }
}

interface Addon {
  readonly TF_Version: string;
  readonly isUsingGpuDevice: () => boolean;
}

function loadAddon(file: string): Addon {
  try {
    return require(file) as Addon;
  } catch (cause) {
    throw new DependencyError(
      'TENSORFLOW_BROKEN',
      `The TensorFlow addon ${file} does not load: ${messageOf(cause)}. Set it up again: npm run setup:tensorflow.`,
      { cause },
    );
  }
}

/** What `setup:tensorflow` made comes first: it is newer than what the packages download. */
function findPlace(): Place & { readonly addon: string } {
  const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];
  const places = [placeOfSetUp(), ...packages.map(placeOfPackage)].filter((place) => place !== null);
  for (const { addon, ...place } of places) if (addon !== null) return { addon, ...place };
  const why = places[0] === undefined ? 'is not installed' : `is incomplete: ${places[0].entry} came without its addon`;
  throw new DependencyError('TENSORFLOW_MISSING', `Native TensorFlow ${why}. Set it up: npm run setup:tensorflow.`);
}

/** What `setup:tensorflow` says of what it made. */
interface Stamp {
  readonly tensorflow: string;
  /** Not there where it was made before addons were. */
  readonly isThreadSafe?: boolean;
}

function placeOfSetUp(): Place | null {
  const [entry, addon, stamp] = ['index.cjs', 'addon.cjs', 'installed.json'].map((file) => find(`#tensorflow/${file}`));
  if (entry === null || entry === undefined || addon === undefined || stamp === null || stamp === undefined)
    return null;
  const { tensorflow: built, isThreadSafe = false } = JSON.parse(readFileSync(stamp, 'utf8')) as Stamp;
  return { entry, addon, built, isThreadSafe };
}

function placeOfPackage(entry: string): Place | null {
  const manifest = find(`${entry}/package.json`);
  return manifest === null ? null : { entry, addon: findAddon(dirname(manifest)), built: null, isThreadSafe: false };
}

/** The compiled addon inside its package, for the newest N-API there is. */
function findAddon(home: string): string | null {
  const lib = join(home, 'lib');
  if (!existsSync(lib)) return null;
  const found = readdirSync(lib, { recursive: true, encoding: 'utf8' });
  const newest = found
    .filter((path) => path.endsWith('tfjs_binding.node'))
    .sort()
    .at(-1);
  return newest === undefined ? null : join(lib, newest);
}

function find(specifier: string): string | null {
  try {
    return require.resolve(specifier);
  } catch {
    return null;
  }
}
