import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { messageOf } from '#contracts';
import { tellParent } from '#contracts/tell-parent';
import { limitPictureThreads } from '#model/preprocess/decode';
import { preparePicture } from '#model/preprocess/preprocess';
import { InferenceSession, Tensor } from '#model/runtime/onnxruntime';
import { sessionOptionsOf } from '#model/runtime/providers';
import type { BareOrder, FromBare, ToBare } from './bare.js';

// Entry of a bare loop: the product's own decode and ONNX Runtime on pictures that lie in memory, as fast as it goes.

/** Frames told of at once. */
const TOLD = 4;
const MAX_PIXELS = 50_000_000;

let work: (() => Promise<void>) | null = null;
let next = 0;
let isRunning = false;

limitPictureThreads(1);
process.on('message', (order: ToBare) => {
  if (order.kind === 'open') void open(order).then(() => say({ kind: 'opened' }), fail);
  else if (order.kind === 'run') void run().catch(fail);
  else isRunning = false;
});
process.on('disconnect', () => process.exit(0));

function say(answer: FromBare): void {
  void tellParent(answer);
}

function fail(error: unknown): void {
  say({ kind: 'failed', message: messageOf(error) });
}

async function open({ graphFile, input, outputs, preprocess, frames: files }: BareOrder): Promise<void> {
  const frames = await Promise.all(files.map((file) => readFile(file)));
  const options = await sessionOptionsOf(graphFile, { provider: 'cpu', threads: 1, device: 0, engineDir: null });
  const session = await InferenceSession.create(graphFile, options);
  work = async () => {
    const frame = frames[next++ % frames.length] ?? Buffer.alloc(0);
    const { data, height, width } = await preparePicture(frame, { preprocess, maxPixels: MAX_PIXELS });
    await session.run({ [input]: new Tensor('uint8', data, [1, height, width, 3]) }, outputs);
  };
  await work();
}

async function run(): Promise<void> {
  isRunning = true;
  let ms: number[] = [];
  while (isRunning && work !== null) {
    const startedAt = performance.now();
    await work();
    ms.push(performance.now() - startedAt);
    if (ms.length < TOLD) continue;
    say({ kind: 'done', ms });
    ms = [];
  }
  say({ kind: 'done', ms });
  say({ kind: 'halted' });
}
