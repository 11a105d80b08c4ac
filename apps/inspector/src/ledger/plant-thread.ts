import { parentPort, workerData } from 'node:worker_threads';
import { PLANT_CALLS } from './plant.js';
import { type PlantOptions, PlantStore } from './plant-store.js';
import { serveCalls } from './thread-call.js';

// Entry of the plant database's thread.
if (parentPort !== null) {
  serveCalls(parentPort, {
    open: () => PlantStore.open(workerData as PlantOptions),
    calls: PLANT_CALLS,
    maxGroup: 1,
  });
}
