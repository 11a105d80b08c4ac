import { performance } from 'node:perf_hooks';
import type { Preprocess } from '#model/card';
import { OnnxSession } from '#model/runtime/onnx-session';
import type { Readout } from '#model/runtime/score-batch';

const WARM_UP = 5;
const RUNS = 25;

/**
 * Median milliseconds that a graph needs for one picture: batch 1, one thread, nothing but the network. What is in the
 * picture does not matter, so it is grey.
 */
export async function measureSpeed(
  graphFile: string,
  { readout, preprocess }: { readout: Readout; preprocess: Preprocess },
): Promise<number> {
  const { width, height } = preprocess.resize;
  const batch = { data: new Uint8Array(width * height * 3).fill(128), count: 1, width, height };
  const session = await OnnxSession.open(graphFile, { threads: 1, outputs: [readout.graph.outputs.probabilities] });
  try {
    const times: number[] = [];
    for (let run = 0; run < WARM_UP + RUNS; run++) {
      const started = performance.now();
      await session.run(batch);
      if (run >= WARM_UP) times.push(performance.now() - started);
    }
    return times.sort((a, b) => a - b)[RUNS >> 1] ?? Number.NaN;
  } finally {
    await session.close();
  }
}
