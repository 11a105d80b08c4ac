import type { BackendName } from '#model/backend/choose';

/** Steps that are timed after the first, which warms up. */
const TIMED = 2;

/**
 * Watch the steps of a phase and say once, after the first few, how long all of them take.
 * @param options.now clock, ms
 * @returns to be told of every step that is done, of so many
 */
export function expectTime(options: {
  readonly backend: BackendName;
  readonly workers: number;
  readonly say: (words: string) => void;
  readonly now?: () => number;
}): (done: number, total: number) => void {
  const { backend, workers, say, now = () => performance.now() } = options;
  const crew = workers === 1 ? '1 worker' : `${workers} workers`;
  const faster =
    backend === 'wasm' ? '; npm run setup:tensorflow installs native TensorFlow, which is several times as fast' : '';
  let first: { readonly done: number; readonly atMs: number } | undefined;
  return (done, total) => {
    first ??= { done, atMs: now() };
    if (done !== first.done + TIMED) return;
    const seconds = (now() - first.atMs) / 1000 / TIMED;
    // A phase that goes on has some behind it.
    const left = total - first.done + 1;
    say(
      `${left} steps of ${seconds.toFixed(2)} s on ${backend} with ${crew}: about ${inWords(left * seconds)}${faster}`,
    );
  };
}

function inWords(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}
