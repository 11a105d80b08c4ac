import { workerData } from 'node:worker_threads';
import { chooseBackend } from '#model/backend/choose';
import { answerOrders } from '#model/runtime/asked-thread';
import type { Assignment, Order } from './orders.js';
import { Worker } from './worker.js';

// Entry of a worker thread.
answerOrders(async () => {
  const assignment = workerData as Assignment;
  await chooseBackend(assignment.backend);
  const worker = new Worker(assignment);
  return (order: Order) => worker.carryOut(order);
});
