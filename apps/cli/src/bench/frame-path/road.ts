import { setTimeout as wait } from 'node:timers/promises';
import { cpuMs } from './processes.js';
import type { Phase, PhaseFigures, Station } from './station.js';

/** One way from a camera's picture to a verdict, with a station of its own. */
export interface Road {
  readonly name: string;
  readonly words: string;
  /** Whoever computes: main process, threads and workers. */
  pids(): number[];
  /** Let the cameras send. `meanwhile` begins with the seconds that count; they last until it is done. */
  run(phase: Omit<Phase, 'answeredBy'>, meanwhile?: Meanwhile): Promise<RoadFigures>;
  stop(): Promise<void>;
}

/** @param untilModel waits for the next verdict of a model, half a minute at most: the figures show whether it came */
export type Meanwhile = (untilModel: (id: string) => Promise<void>) => Promise<void>;

export interface RoadFigures extends PhaseFigures {
  /** Processor time of its own processes in the seconds that count, ms. */
  readonly cpuMs: number;
  /** Of its main process alone; of those that only compute nothing. */
  readonly mainCpuMs: number;
}

/** A model's workers start one after another beside those at work. */
const PATIENCE_MS = 30_000;

/** One phase at a station, with the processor time of whoever computes. */
export async function runPhase(
  station: Station,
  phase: Phase,
  { pids, meanwhile = async () => undefined }: { pids: () => number[]; meanwhile?: Meanwhile | undefined },
): Promise<RoadFigures> {
  const [began, ended] = [station.answer('began'), station.answer('ended')];
  // Whoever fails is told by `began`.
  ended.catch(() => undefined);
  station.tell({ kind: 'phase', ...phase });
  await began;
  const before = snapshot(pids());
  await Promise.all([wait(phase.seconds * 1_000), meanwhile((id) => untilModel(station, id))]);
  const after = snapshot(pids());
  station.tell({ kind: 'end' });
  const { figures } = await ended;
  return { ...figures, cpuMs: after.all - before.all, mainCpuMs: after.main - before.main };
}

async function untilModel(station: Station, id: string): Promise<void> {
  const heard = new Promise<void>((resolve) =>
    station.hear((said) => void (said.kind === 'model' && said.id === id && resolve())),
  );
  await Promise.race([heard, wait(PATIENCE_MS, undefined, { ref: false })]);
}

function snapshot(pids: readonly number[]): { all: number; main: number } {
  return { all: cpuMs(pids), main: cpuMs(pids.slice(0, 1)) };
}
