import { cpuMs } from './processes.js';
import type { Phase, PhaseFigures, Station } from './station.js';

/** One way from a camera's picture to a verdict, with a station of its own. */
export interface Road {
  readonly name: string;
  readonly words: string;
  /** Whoever computes: main process, threads and workers. */
  pids(): number[];
  /** Let the cameras send. `meanwhile` begins with the seconds that count. */
  run(phase: Omit<Phase, 'answeredBy'>, meanwhile?: () => Promise<void>): Promise<RoadFigures>;
  stop(): Promise<void>;
}

export interface RoadFigures extends PhaseFigures {
  /** Processor time of its own processes in the seconds that count, ms. */
  readonly cpuMs: number;
  /** Of its main process alone; of those that only compute nothing. */
  readonly mainCpuMs: number;
}

/** One phase at a station, with the processor time of whoever computes. */
export async function runPhase(
  station: Station,
  phase: Phase,
  { pids, meanwhile = async () => undefined }: { pids: () => number[]; meanwhile?: (() => Promise<void>) | undefined },
): Promise<RoadFigures> {
  const [began, ended] = [station.answer('began'), station.answer('ended')];
  // Whoever fails is told by `began`.
  ended.catch(() => undefined);
  station.tell({ kind: 'phase', ...phase });
  await began;
  const before = snapshot(pids());
  const doing = meanwhile();
  await new Promise((resolve) => setTimeout(resolve, phase.seconds * 1_000));
  const after = snapshot(pids());
  const { figures } = await ended;
  await doing;
  return { ...figures, cpuMs: after.all - before.all, mainCpuMs: after.main - before.main };
}

function snapshot(pids: readonly number[]): { all: number; main: number } {
  return { all: cpuMs(pids), main: cpuMs(pids.slice(0, 1)) };
}
