import { Worker } from 'node:worker_threads';
import { InputError, messageOf } from '#contracts';

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

/** What the thread answers once it has listed the file. */
export type ListReply = { readonly root: Hdf5Group } | { readonly error: string };
/** What the thread answers for paths, in their order. */
export type ReadReply = { readonly data: readonly Float32Array[] } | { readonly error: string };

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
  const thread = new Worker(new URL('hdf5-thread.js', import.meta.url), {
    workerData: { bytes, leaveAside: LEFT_ASIDE },
    stderr: true,
    stdout: true,
  });
  // A thread that fails while nobody waits for it must not end the process.
  thread.on('error', () => {});
  const close = async () => {
    await thread.terminate();
  };
  try {
    const listed = await hear<ListReply>(thread, timeoutMs);
    if ('error' in listed) throw unreadable(listed.error);
    assertSizes(listed.root, bytes.byteLength);
    return { root: listed.root, close, readFloats: (datasets) => read(thread, { datasets, timeoutMs }) };
  } catch (cause) {
    await close();
    throw cause;
  }
}

async function read(
  thread: Worker,
  { datasets, timeoutMs }: { datasets: readonly Hdf5Dataset[]; timeoutMs: number },
): Promise<Map<string, Float32Array>> {
  for (const { path, type } of datasets) {
    if (type !== '<f') throw unreadable(`${path} is of type ${type}, expected <f (float32)`);
  }
  const answer = hear<ReadReply>(thread, timeoutMs);
  thread.postMessage(datasets.map(({ path }) => path));
  const reply = await answer;
  if ('error' in reply) throw unreadable(reply.error);
  return new Map(reply.data.map((values, i) => [datasets[i]?.path ?? '', values]));
}

/** The next message of the thread; whatever else happens to it is the file's fault. */
function hear<T>(thread: Worker, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(timer);
      thread.off('message', onMessage).off('error', onError).off('exit', onExit);
      act();
    };
    const onMessage = (message: T) => settle(() => resolve(message));
    const onError = (cause: unknown) => settle(() => reject(unreadable(messageOf(cause), cause)));
    const onExit = () => settle(() => reject(unreadable('its reader broke down')));
    const timer = setTimeout(() => settle(() => reject(unreadable(`no end after ${timeoutMs} ms`))), timeoutMs);
    thread.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
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
