import { readFile } from 'node:fs/promises';
import { InvariantError, messageOf } from '#contracts';
import { GOOD } from '#model/dataset/dataset';
import { defectScore, worstTile } from '#model/decide';
import { OnnxSession } from '#model/onnx/session';
import { verdictOf } from '#model/operating-point';
import { preparePicture } from '#model/preprocess/preprocess';
import type { CertifyAnswer, CertifyOrder } from './certify.js';
import { OUTPUTS } from './export.js';

// Entry of the certifying process: knows nothing but the files. One order, one answer.
process.once('message', (order: CertifyOrder) => {
  void answer(order)
    .catch((error: unknown): CertifyAnswer => ({ kind: 'failed', message: messageOf(error) }))
    .then((reply) => process.send?.(reply));
});

async function answer(order: CertifyOrder): Promise<CertifyAnswer> {
  const session = await OnnxSession.open(order.graph, { threads: 1, outputs: [OUTPUTS.probabilities] });
  const { operatingPoint } = order;
  const scores: number[] = [];
  let flips = 0;
  for (const { file, score: expected } of order.pictures) {
    const picture = await preparePicture(await readFile(file), order);
    const { data, tiles: count, height, width } = picture;
    const { [OUTPUTS.probabilities]: output } = await session.run({ data, count, height, width });
    if (output === undefined) throw new InvariantError(`The graph has no output ${OUTPUTS.probabilities}.`);
    const score = defectScore(worstTile(output.data, { labels: order.labels, good: GOOD }));
    scores.push(score);
    if (verdictOf(score, operatingPoint) !== verdictOf(expected, operatingPoint)) flips += 1;
  }
  await session.close();
  return { kind: 'compared', scores, flips, runtime: 'onnxruntime-node cpu fp32' };
}
