import { PRECISIONS, type Precision, type RuntimeName } from '#contracts';

/** Where rows are raced against each other: one runtime, one batch, every precision that it computes in. */
export interface BenchPlace {
  readonly runtime: RuntimeName;
  /** Pictures of a run. */
  readonly batch: number;
  /** fp32 first, as the others are held against it; never empty. */
  readonly precisions: readonly Precision[];
}

export interface BenchAsk {
  readonly runtimes: readonly RuntimeName[];
  readonly precisions: readonly Precision[];
  readonly batches: readonly number[];
}

/**
 * Every runtime x precision x batch that can be, once, however often it is asked for. TensorFlow computes in fp32 alone;
 * asked for other precisions only, it is left out.
 */
export function planPlaces({ runtimes, precisions, batches }: BenchAsk): BenchPlace[] {
  const asked = PRECISIONS.filter((precision) => precisions.includes(precision));
  return [...new Set(runtimes)].flatMap((runtime) => {
    const own = runtime === 'tensorflow' ? asked.filter((precision) => precision === 'fp32') : asked;
    return own.length === 0 ? [] : [...new Set(batches)].map((batch) => ({ runtime, batch, precisions: own }));
  });
}
