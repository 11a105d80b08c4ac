import { parentPort, workerData } from 'node:worker_threads';
import { InvariantError, messageOf } from '#contracts';
import { chooseBackend } from '#model/backend/choose';
import type { Answer, Assignment, Order, WorkOrder } from './orders.js';
import { Worker } from './worker.js';

// Entry of a worker thread: one order in, one answer out.
const port = parentPort;
if (port === null) throw new InvariantError('This file runs as a worker thread.');
const assignment = workerData as Assignment;
await chooseBackend(assignment.backend);
const worker = new Worker(assignment);
port.on('message', async (order: Order) => {
  if (order.kind === 'expect') worker.expect(order.records);
  else port.postMessage(await answer(order));
});

async function answer(order: WorkOrder): Promise<Answer> {
  try {
    return await worker.carryOut(order);
  } catch (error) {
    return { kind: 'failed', message: messageOf(error) };
  }
}
