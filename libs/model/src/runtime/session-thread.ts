import { parentPort, workerData } from 'node:worker_threads';
import { InvariantError, toPlain } from '#contracts/errors';
import { OnnxSession } from './onnx-session.js';
import type { ThreadAnswer, ThreadOrder, ThreadTask } from './threaded-session.js';

// Entry of a thread with one session: one answer says how opening went, then one per order, in their order.
const port = parentPort;
if (port === null) throw new InvariantError('This file runs as a worker thread.');
const { graph, ...options } = workerData as ThreadTask;
let answered = tell(async () => {
  const session = await OnnxSession.open(graph, options);
  const { runtime, outputs } = session;
  port.on('message', (order: ThreadOrder) => {
    answered = answered.then(() => carryOut(session, order));
  });
  return { kind: 'opened', runtime, outputs };
});

async function carryOut(session: OnnxSession, order: ThreadOrder): Promise<void> {
  if (order.kind === 'run') return tell(async () => ({ kind: 'done', outputs: await session.run(order.batch) }));
  await session.close();
  port?.close();
}

async function tell(work: () => Promise<ThreadAnswer>): Promise<void> {
  port?.postMessage(await work().catch(failed));
}

function failed(error: unknown): ThreadAnswer {
  return { kind: 'failed', error: toPlain(error) };
}
