import { workerData } from 'node:worker_threads';
import { answerOrders } from './asked-thread.js';
import { OnnxSession } from './onnx-session.js';
import type { ThreadAnswer, ThreadOrder, ThreadTask } from './threaded-session.js';

// Entry of a thread with one session.
answerOrders(async () => {
  const { graph, ...options } = workerData as ThreadTask;
  const session = await OnnxSession.open(graph, options);
  return (order: ThreadOrder) => carryOut(session, order);
});

async function carryOut(session: OnnxSession, order: ThreadOrder): Promise<ThreadAnswer> {
  switch (order.kind) {
    case 'describe':
      return { kind: 'opened', runtime: session.runtime, outputs: session.outputs };
    case 'run':
      return { kind: 'done', outputs: await session.run(order.batch) };
    case 'close':
      await session.close();
      return { kind: 'closed' };
  }
}
