import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { codeOf, InvariantError, messageOf } from '#contracts';
import { tellParent } from '#contracts/tell-parent';
import { limitPictureThreads } from '#model/preprocess/decode';
import { openProven } from '#model/runtime/golden-check';
import { leaveSignalsToParent } from './leave-signals.js';
import { PictureReader } from './picture-reader.js';
import {
  type EncodedPicture,
  type FromWorker,
  type OpenOrder,
  PICTURE_PIPE,
  type ScoreOrder,
  type ToWorker,
} from './protocol.js';
import { type OpenModel, scorePictures } from './score-pictures.js';

// One inference process: opens one model, proves it on its golden pictures, then answers batches until it is left.

let model: OpenModel | null = null;
const reader = new PictureReader(new Socket({ fd: PICTURE_PIPE }));

function send(message: FromWorker): void {
  void tellParent(message);
}

async function open(order: OpenOrder): Promise<void> {
  const { modelDir, cardSha256: promoted, maxPixels, batch, place, device, engineDir } = order;
  const options = { ...place, cardSha256: promoted, maxPixels, device, engineDir, threads: 1 };
  const { artefact, session } = await openProven(modelDir, options);
  const { card, cardSha256, dir } = artefact;
  const opened: OpenModel = { card, session, maxPixels };
  // What a batch needs once is taken now and not from a frame's window: on the CPU memory, on a GPU kernels for its size.
  const bytes = await readFile(join(dir, card.golden[0]?.file ?? ''));
  const sizes = place.runtime === 'onnx-cpu' ? [batch] : Array.from({ length: batch }, (_, i) => i + 1);
  for (const size of sizes) await scorePictures(opened, Array<EncodedPicture>(size).fill({ bytes, roi: null }));
  model = opened;
  send({ type: 'ready', card, cardSha256, place });
}

async function score({ id, pictures: announced }: ScoreOrder): Promise<void> {
  const pictures = await Promise.all(
    announced.map(async ({ byteLength, roi }) => ({ bytes: await reader.read(byteLength), roi })),
  );
  if (model === null) throw new InvariantError('A worker was given pictures before it was ready.');
  send({ type: 'scored', id, results: await scorePictures(model, pictures) });
}

function refuse(error: unknown): void {
  send({
    type: 'refused',
    code: codeOf(error),
    message: messageOf(error),
  });
}

// Parallelism comes from worker processes; a picture is never seen twice.
limitPictureThreads(1);
process.on('message', (message: ToWorker) => {
  if (message.type === 'open') void open(message).catch(refuse);
  // Not caught: the process ends, its frames become INCONCLUSIVE and a fresh worker takes over.
  else void score(message);
});
process.on('disconnect', () => process.exit(0));
// Left while it was still loading: that is not said a second time.
if (!process.connected) process.exit(0);
leaveSignalsToParent();
