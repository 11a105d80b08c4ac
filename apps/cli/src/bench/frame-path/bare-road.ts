import { median } from 'simple-statistics';
import type { BareOrder, FromBare, ToBare } from './bare.js';
import { ProcessCall } from './process-call.js';
import { type Road, runPhase } from './road.js';
import type { FromStation, StationOrder, ToStation } from './station.js';

const STATION = new URL('./station-process.js', import.meta.url);
const DROPPER = new URL('./dropper-process.js', import.meta.url);
const BARE = new URL('./bare-process.js', import.meta.url);

type Worker = ProcessCall<ToBare, FromBare>;

export interface BareRoad extends Road {
  /** One worker alone, nobody else at work: median ms of a frame. */
  serviceMs(seconds: number): Promise<number>;
}

/**
 * The bare loop: so many workers that decode and infer what they hold in memory, while the same cameras send as many
 * frames through the same broker to a subscriber that drops them. That subscriber's time is not counted.
 */
export async function openBareRoad(order: {
  station: Omit<StationOrder, 'kind'>;
  bare: Omit<BareOrder, 'kind'>;
  workers: number;
}): Promise<BareRoad> {
  const station = ProcessCall.start<ToStation, FromStation>(STATION, 'The cameras');
  const dropper = ProcessCall.start<object, { kind: 'opened' }>(DROPPER, 'The subscriber');
  const workers: Worker[] = Array.from({ length: order.workers }, () => ProcessCall.start(BARE, 'The bare loop'));
  const times: number[] = [];
  for (const worker of workers) {
    worker.hear((said) => {
      if (said.kind !== 'done') return;
      times.push(...said.ms);
      station.tell({ kind: 'answered', frames: said.ms.length });
    });
    worker.tell({ kind: 'open', ...order.bare });
  }
  station.tell({ kind: 'open', ...order.station });
  dropper.tell({ brokerUrl: order.station.brokerUrl, station: order.station.station });
  await Promise.all([
    station.answer('opened'),
    dropper.answer('opened'),
    ...workers.map((one) => one.answer('opened')),
  ]);
  const pids = () => workers.map(({ pid }) => pid);
  return {
    name: 'bare loop',
    words: `${order.workers} workers`,
    pids,
    run: async (phase, meanwhile) => {
      for (const worker of workers) worker.tell({ kind: 'run' });
      const figures = await runPhase(station, { ...phase, answeredBy: 'parent' }, { pids, meanwhile });
      await halt(workers);
      return { ...figures, mainCpuMs: 0 };
    },
    serviceMs: async (seconds) => {
      const [alone] = workers;
      times.length = 0;
      alone?.tell({ kind: 'run' });
      await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
      await halt(workers.slice(0, 1));
      return median(times);
    },
    stop: async () => {
      await Promise.all([station, dropper, ...workers].map((one) => one.stop()));
    },
  };
}

async function halt(workers: readonly Worker[]): Promise<void> {
  await Promise.all(
    workers.map((worker) => {
      const halted = worker.answer('halted');
      worker.tell({ kind: 'halt' });
      return halted;
    }),
  );
}
