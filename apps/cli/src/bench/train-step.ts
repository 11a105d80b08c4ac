import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { DependencyError, InvariantError, messageOf } from '#contracts';
import { findBackbone } from '#model/backbones/find';
import { resolveFreeze } from '#model/backbones/freeze';
import type { BackendName } from '#model/backend/choose';
import { type Contender, type Raced, race } from './contender.js';
import { startPyTorch } from './pytorch.js';
import { inScratch } from './scratch.js';
import { startSteps } from './step-work.js';

/** The peer's script writes out this network alone. */
const BACKBONE = 'efficientnet-lite0';

export interface TrainStepBench {
  /** First open block. */
  readonly freeze: string;
  /** Pictures of a step. */
  readonly batch: number;
  readonly rounds: number;
  /** Steps of a contender in a round. */
  readonly steps: number;
  /** Those that are not here are left out with a word. */
  readonly backends: readonly BackendName[];
  /** Python with torch; null = no peer. */
  readonly python: string | null;
  readonly onTrouble: (words: string) => void;
}

export interface TrainStepRow extends Raced {
  readonly msPerPicture: number;
  /** Own time over that of the fastest PyTorch; null without one. */
  readonly toPyTorch: number | null;
}

/**
 * Time one fine-tuning step of EfficientNet-Lite0 on every backend, against the same in PyTorch.
 * @throws InputError PLAN_FREEZE, DependencyError BENCH_PYTHON, BENCH_STEP when no backend starts
 */
export async function benchTrainStep(bench: TrainStepBench): Promise<TrainStepRow[]> {
  const { batch, rounds, steps } = bench;
  const { cut } = resolveFreeze(bench.freeze, findBackbone(BACKBONE));
  if (cut === 'embedding') throw new InvariantError('A block opens at least itself.');
  return inScratch(async (dir) => {
    const contenders: Contender[] = [];
    try {
      if (bench.python !== null) {
        const { python } = bench;
        for (const norms of ['eval', 'folded'] as const)
          contenders.push(await startPyTorch({ python, cut, batch, norms }));
      }
      await startBackends({ ...bench, dir }, contenders);
      return toRows(await race(contenders, { rounds, times: steps }), { batch, peers: bench.python === null ? 0 : 2 });
    } finally {
      await Promise.all(contenders.map((contender) => contender.stop()));
    }
  });
}

async function startBackends(bench: TrainStepBench & { dir: string }, contenders: Contender[]): Promise<void> {
  const before = contenders.length;
  for (const backend of bench.backends) {
    // WASM computes on one thread; the product gives it a worker for every core.
    const crews = backend === 'wasm' && availableParallelism() > 1 ? [1, null] : [null];
    for (const workers of crews) {
      const dir = join(bench.dir, `${backend}-${workers}`);
      await mkdir(dir);
      const order = { backbone: BACKBONE, freeze: bench.freeze, batch: bench.batch, backend, workers, dir };
      await startSteps(order).then(
        (contender) => contenders.push(contender),
        (error: unknown) => bench.onTrouble(messageOf(error)),
      );
    }
  }
  if (contenders.length === before)
    throw new DependencyError('BENCH_STEP', `None of ${bench.backends.join(', ')} starts here. See lineside doctor.`);
}

function toRows(raced: readonly Raced[], { batch, peers }: { batch: number; peers: number }): TrainStepRow[] {
  const fastest = peers === 0 ? null : Math.min(...raced.slice(0, peers).map(({ ms }) => ms));
  return raced.map((one) => ({
    ...one,
    msPerPicture: one.ms / batch,
    toPyTorch: fastest === null ? null : one.ms / fastest,
  }));
}
