import { performance } from 'node:perf_hooks';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { BackendName } from '#model/backend/choose';
import { makeBatches } from '../fit/batches.js';
import type { Crew } from '../fit/crew.js';
import type { Example } from './example.js';
import { type FitOptions, rulesOf, viewsOf } from './fit.js';

/** Steps that are timed after one that warms up; no weight moves. */
const TIMED = 2;

/** How long a phase will take, in words, from the time of a few of its steps. */
export async function expectTime(
  crew: Crew,
  train: readonly Example[],
  options: FitOptions & { readonly backend: BackendName },
): Promise<string> {
  const { phase, batch, backend, seed } = options;
  const views = viewsOf(train);
  const [shares = []] = makeBatches(views, rulesOf(crew, options), xoroshiro128plus(seed));
  let startedMs = 0;
  for (let step = 0; step <= TIMED; step++) {
    if (step === 1) startedMs = performance.now();
    await crew.gradient(shares);
  }
  const stepSeconds = (performance.now() - startedMs) / 1000 / TIMED;
  const steps = Math.ceil(views.length / batch) * phase.epochs;
  const workers = crew.workers === 1 ? '1 worker' : `${crew.workers} workers`;
  const faster =
    backend === 'wasm' ? '; npm run setup:tensorflow installs native TensorFlow, which is several times as fast' : '';
  return `${steps} steps of ${stepSeconds.toFixed(2)} s on ${backend} with ${workers}: about ${inWords(steps * stepSeconds)}${faster}`;
}

function inWords(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}
