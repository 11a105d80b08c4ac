import { readFile } from 'node:fs/promises';
import { InvariantError, messageOf } from '#contracts';
import { tellParent } from '#contracts/tell-parent';
import { decide } from '#model/decide';
import { preparePicture } from '#model/preprocess/preprocess';
import { OnnxSession } from '#model/runtime/onnx-session';
import { outputsOf, scoreBatch } from '#model/runtime/score-batch';
import { type CertifyAnswer, type CertifyOrder, type Figures, figuresOf } from './certify.js';

// Entry of the certifying process: knows nothing but the files. One order, one answer.
process.once('message', (order: CertifyOrder) => {
  void answer(order)
    .catch((error: unknown): CertifyAnswer => ({ kind: 'failed', message: messageOf(error) }))
    .then(tellParent);
});

async function answer(order: CertifyOrder): Promise<CertifyAnswer> {
  const { graphFile, readout, operatingPoint } = order;
  const session = await OnnxSession.open(graphFile, { outputs: outputsOf(readout) });
  const figures: Figures[] = [];
  let flips = 0;
  for (const { file, score, distance } of order.pictures) {
    const [labelled] = await scoreBatch(session, readout, [await preparePicture(await readFile(file), order)]);
    if (labelled === undefined) throw new InvariantError(`The graph says nothing of ${file}.`);
    figures.push(figuresOf(labelled));
    const expected = { scores: { [readout.good]: 1 - score }, good: readout.good, distance };
    const [own, other] = [labelled, expected].map((each) => decide(each, operatingPoint, readout.guard));
    if (own?.verdict !== other?.verdict) flips += 1;
  }
  await session.close();
  return { kind: 'compared', figures, flips, runtime: session.runtime };
}
