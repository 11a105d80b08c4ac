import { setTimeout as sleep } from 'node:timers/promises';
import { InputError, messageOf } from '#contracts';
import { AskedThread } from '../runtime/asked-thread.js';

/** A group of an HDF5 file: what it holds by name, and its attributes that are texts. */
export interface Hdf5Group {
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly groups: Readonly<Record<string, Hdf5Group>>;
  readonly datasets: Readonly<Record<string, Hdf5Dataset>>;
}

export interface Hdf5Dataset {
  /** Absolute, as in `/layers/conv2d/vars/0`. */
  readonly path: string;
  /** `<f` is float32. */
  readonly type: string;
  readonly shape: readonly number[];
}

/** An open HDF5 file. Its owner closes it. */
export interface Hdf5File {
  readonly root: Hdf5Group;
  /**
   * Values of float32 datasets by path, row-major.
   * @throws InputError WEIGHTS_UNREADABLE
   */
  readonly readFloats: (datasets: readonly Hdf5Dataset[]) => Promise<Map<string, Float32Array>>;
  readonly close: () => Promise<void>;
}

/** List the file, or read the datasets at these paths. */
export type Hdf5Order = { readonly kind: 'list' } | { readonly kind: 'read'; readonly paths: readonly string[] };
/** `values`: in the order of the paths. */
export type Hdf5Answer =
  | { readonly kind: 'list'; readonly root: Hdf5Group }
  | { readonly kind: 'read'; readonly values: readonly Float32Array[] };

/** State of an optimiser, which a model saved after training brings along. */
const LEFT_ASIDE = ['optimizer', 'optimizer_weights'];
/** Half a gigabyte of weights takes seconds; a damaged file can keep the library busy for ever. */
const PATIENCE_MS = 60_000;

/**
 * Open an HDF5 file from its bytes and list what it holds.
 * @param timeoutMs how long one answer may take
 * @throws InputError WEIGHTS_UNREADABLE when it is damaged, no HDF5, or claims more data than it has
 */
export async function openHdf5(bytes: Uint8Array, timeoutMs = PATIENCE_MS): Promise<Hdf5File> {
  const thread = new AskedThread<Hdf5Order, Hdf5Answer>(new URL('./hdf5-thread.js', import.meta.url), {
    name: 'HDF5',
    workerData: { bytes, leaveAside: LEFT_ASIDE },
    stderr: true,
    stdout: true,
  });
  const ask = (order: Hdf5Order) => within(timeoutMs, thread.ask(order));
  const close = () => thread.stop();
  try {
    const listed = await ask({ kind: 'list' });
    if (listed.kind !== 'list') throw unreadable(`its reader answered ${listed.kind}`);
    assertSizes(listed.root, bytes.byteLength);
    return { root: listed.root, close, readFloats: (datasets) => read(datasets, ask) };
  } catch (cause) {
    await close();
    throw cause;
  }
}

async function read(
  datasets: readonly Hdf5Dataset[],
  ask: (order: Hdf5Order) => Promise<Hdf5Answer>,
): Promise<Map<string, Float32Array>> {
  for (const { path, type } of datasets) {
    if (type !== '<f') throw unreadable(`${path} is of type ${type}, expected <f (float32)`);
  }
  const answer = await ask({ kind: 'read', paths: datasets.map(({ path }) => path) });
  if (answer.kind !== 'read') throw unreadable(`its reader answered ${answer.kind}`);
  return new Map(answer.values.map((data, i) => [datasets[i]?.path ?? '', data]));
}

/** The thread's answer in time; whatever else happens to it is the file's fault. */
async function within<T>(timeoutMs: number, answer: Promise<T>): Promise<T> {
  const late = new AbortController();
  const timeout = sleep(timeoutMs, null, late).then(() => {
    throw unreadable(`no end after ${timeoutMs} ms`);
  });
  try {
    return await Promise.race([answer, timeout]);
  } catch (cause) {
    throw cause instanceof InputError ? cause : unreadable(messageOf(cause), cause);
  } finally {
    late.abort();
  }
}

/** Data that was never written has no place in the file and still a size: memory is promised only for what is there. */
function assertSizes(root: Hdf5Group, fileBytes: number): void {
  let total = 0;
  const groups = [root];
  for (let group = groups.pop(); group !== undefined; group = groups.pop()) {
    for (const { path, shape } of Object.values(group.datasets)) {
      total += 4 * shape.reduce((product, side) => product * side, 1);
      if (!(total <= fileBytes))
        throw unreadable(`${path} of shape [${shape}] claims more than the ${fileBytes} bytes of the file`);
    }
    groups.push(...Object.values(group.groups));
  }
}

function unreadable(found: string, cause?: unknown): InputError {
  const message = `Not a readable HDF5 file of weights: ${found}. Fetch the file again, or have Keras save it again.`;
  return new InputError('WEIGHTS_UNREADABLE', message, { cause });
}
