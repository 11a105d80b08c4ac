import type { RuntimeName } from '#contracts';

export interface CrewWish {
  readonly runtime: RuntimeName;
  /** As configured; null = what the runtime wants. */
  readonly workers: number | null;
  readonly cores: number;
  /** GPUs the runtime spreads over. */
  readonly gpus: number;
}

/**
 * The GPU of each worker, counted from 0: one worker per core on the CPU, one per GPU elsewhere, unless configured. A
 * GPU that is named and not found still gets its worker, which then says what is missing.
 */
export function devicesOf({ runtime, workers, cores, gpus }: CrewWish): number[] {
  const wanted = runtime === 'onnx-cpu' ? cores : Math.max(1, gpus);
  return Array.from({ length: workers ?? wanted }, (_, worker) => worker % Math.max(1, gpus));
}
