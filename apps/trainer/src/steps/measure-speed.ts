import type { Preprocess } from '#model/card';
import { OnnxSession } from '#model/runtime/onnx-session';
import { outputsOf, type Readout } from '#model/runtime/score-batch';
import { timeRuns } from '#model/runtime/time-runs';

/** Median milliseconds that a graph needs for one picture, tile by tile: one thread, nothing but the network. */
export async function measureSpeed(
  graphFile: string,
  { readout, preprocess }: { readout: Readout; preprocess: Preprocess },
): Promise<number> {
  const { resize, tiles } = preprocess;
  const session = await OnnxSession.open(graphFile, { threads: 1, outputs: outputsOf(readout) });
  try {
    return await timeRuns(session, {
      ...{ width: resize.width, height: resize.height, count: 1, tiles: tiles.columns * tiles.rows },
      ...{ warmUp: 5, rounds: 25 },
    });
  } finally {
    await session.close();
  }
}
