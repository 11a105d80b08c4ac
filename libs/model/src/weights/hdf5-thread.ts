import { workerData } from 'node:worker_threads';
import { Dataset, File, Group, ready } from 'h5wasm';
import { messageOf } from '#contracts';
import { answerOrders } from '../runtime/asked-thread.js';
import type { Hdf5Answer, Hdf5Dataset, Hdf5Group, Hdf5Order } from './hdf5.js';

/**
 * Reads one HDF5 file in a thread of its own: on damaged files the library can loop, fill its memory or trap, and none
 * of that may reach the process. What it finds out goes back as messages.
 */
const FILE = '/weights.h5';
// Emscripten takes the array over instead of copying it; its types do not know the option.
const OWNED = { flags: 'w', canOwn: true };
const MAX_DEPTH = 16;
const MAX_OBJECTS = 100_000;
const STRING_TYPE = 3;

const { bytes, leaveAside }: { bytes: Uint8Array; leaveAside: readonly string[] } = workerData;
let objects = 0;

answerOrders(
  async () => {
    const module = await ready;
    // Errors come as exceptions; without this they are printed.
    module.activate_throwing_error_handler();
    const { file, root } = inWords(() => {
      module.FS.writeFile(FILE, bytes, OWNED);
      const file = new File(FILE, 'r');
      return { file, root: list(file, leaveAside, 0) };
    });
    return async (order: Hdf5Order): Promise<Hdf5Answer> => {
      if (order.kind === 'list') return { kind: 'list', root };
      return { kind: 'read', values: inWords(() => order.paths.map((path) => readFloats(file.get(path), path))) };
    };
  },
  (answer) => (answer.kind === 'read' ? answer.values.map(({ buffer }) => buffer as ArrayBuffer) : []),
);

function inWords<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new Error(reasonOf(messageOf(cause)), { cause });
  }
}

/** HDF5 tells its whole call stack; the innermost line says what is wrong: `  #006: H5F.c line 5 in f(): truncated file`. */
function reasonOf(message: string): string {
  const innermost = [...message.matchAll(/^ {2}#\d+: .*?\(\): (.*)$/gm)].at(-1)?.[1];
  return innermost ?? message.split('\n', 1)[0] ?? message;
}

function list(group: Group, leftAside: readonly string[], depth: number): Hdf5Group {
  if (depth > MAX_DEPTH) throw new Error(`groups lie more than ${MAX_DEPTH} deep`);
  const groups: Record<string, Hdf5Group> = {};
  const datasets: Record<string, Hdf5Dataset> = {};
  for (const name of group.keys()) {
    objects += 1;
    if (objects > MAX_OBJECTS) throw new Error(`it holds more than ${MAX_OBJECTS} objects`);
    if (leftAside.includes(name)) continue;
    const found = group.get(name);
    if (found instanceof Group) groups[name] = list(found, [], depth + 1);
    else if (found instanceof Dataset) datasets[name] = describe(found);
  }
  return { attributes: readAttributes(group), groups, datasets };
}

function describe(dataset: Dataset): Hdf5Dataset {
  const { dtype, shape } = dataset;
  return { path: dataset.path, type: typeof dtype === 'string' ? dtype : 'compound', shape: shape ?? [] };
}

/** Texts and lists of texts: Keras keeps nothing else that its weights need. */
function readAttributes(group: Group): Record<string, readonly string[]> {
  const texts: Record<string, readonly string[]> = {};
  for (const [name, attribute] of Object.entries(group.attrs)) {
    const { type, size, total_size: count } = attribute.metadata;
    if (type !== STRING_TYPE || size * count > bytes.byteLength) continue;
    const value: unknown = attribute.value;
    texts[name] = (Array.isArray(value) ? value : [value]).map(String);
  }
  return texts;
}

function readFloats(found: unknown, path: string): Float32Array {
  const value = found instanceof Dataset ? found.value : null;
  if (value instanceof Float32Array) return value;
  throw new Error(`${path} holds no float32 values`);
}
