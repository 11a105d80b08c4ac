import { readFile } from 'node:fs/promises';
import { messageOf } from '#contracts';
import { defectScore } from '#model/decide';
import { verdictOf } from '#model/operating-point';
import { preparePicture } from '#model/preprocess/preprocess';
import { OnnxSession } from '#model/runtime/onnx-session';
import { scoreBatch } from '#model/runtime/score-batch';
import type { CertifyAnswer, CertifyOrder } from './certify.js';

// Entry of the certifying process: knows nothing but the files. One order, one answer.
process.once('message', (order: CertifyOrder) => {
  void answer(order)
    .catch((error: unknown): CertifyAnswer => ({ kind: 'failed', message: messageOf(error) }))
    .then((reply) => process.send?.(reply));
});

async function answer(order: CertifyOrder): Promise<CertifyAnswer> {
  const { graphFile, readout, operatingPoint } = order;
  const session = await OnnxSession.open(graphFile, { outputs: [readout.graph.outputs.probabilities] });
  const scores: number[] = [];
  let flips = 0;
  for (const { file, score: expected } of order.pictures) {
    const [labelled] = await scoreBatch(session, readout, [await preparePicture(await readFile(file), order)]);
    const score = labelled === undefined ? Number.NaN : defectScore(labelled);
    scores.push(score);
    if (verdictOf(score, operatingPoint) !== verdictOf(expected, operatingPoint)) flips += 1;
  }
  await session.close();
  return { kind: 'compared', scores, flips, runtime: session.runtime };
}
