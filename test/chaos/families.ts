import type { Family } from './fault.js';
import { HARM_BROKER } from './faults/broker.js';
import { SET_CLOCK } from './faults/clock.js';
import { DAY } from './faults/day.js';
import { DELIVERY } from './faults/delivery.js';
import { HARM_DISK, READ_ONLY } from './faults/disk.js';
import { FLOOD } from './faults/flood.js';
import { HOSTILE_INPUT } from './faults/hostile.js';
import { KILL_INSPECTOR } from './faults/inspector.js';
import { BAD_MODEL } from './faults/model.js';
import { HARM_NETWORK } from './faults/network.js';
import { HARM_POSTGRES } from './faults/postgres.js';
import { TWINS } from './faults/twins.js';
import { HARM_WORKER } from './faults/worker.js';

/** Every family of faults, in the order of the table. */
export const FAMILIES: readonly Family[] = [
  KILL_INSPECTOR,
  HARM_WORKER,
  HARM_BROKER,
  HARM_NETWORK,
  DELIVERY,
  TWINS,
  HARM_POSTGRES,
  HARM_DISK,
  READ_ONLY,
  BAD_MODEL,
  FLOOD,
  SET_CLOCK,
  HOSTILE_INPUT,
  DAY,
];
