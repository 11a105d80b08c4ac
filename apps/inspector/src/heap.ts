import { setFlagsFromString } from 'node:v8';

/**
 * What V8 may let a heap grow by between two collections of all of it, %. Pictures come and go outside the heaps, some
 * 20 MB a second at 50 frames/s, and V8 counts them against what a heap may still grow by: left to itself (Node 20) it
 * allows about a tenth and collects everything up to twice a second, and each time a frame or two come late to their
 * worker. Figures are in docs/frame-path.md.
 */
const GROWTH = { inspector: 100, worker: 500 } as const;

/** Young values of two megabytes are collected several times a second, and with them the pictures that only they hold. */
const SMALL_YOUNG_SPACE = '--max-semi-space-size=2';

/** Node's flags of the inspector, as the systemd unit gives them; it runs without them as well, some 25 MB larger. */
export const INSPECTOR_FLAGS = [SMALL_YOUNG_SPACE];
/** Node's flags of an inference worker: its heap is small and its pictures are large. */
export const WORKER_FLAGS = [`--heap-growing-percent=${GROWTH.worker}`, SMALL_YOUNG_SPACE];
/** A thread beside the road keeps rows, no pictures: the 48 MB that V8 holds ready for young values would lie idle. */
export const THREAD_LIMITS = { maxYoungGenerationSizeMb: 6 } as const;

/** For this process and its threads; heeded from the next collection on. */
export function letHeapGrow(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH.inspector}`);
}
