import { findAdapter } from './webgpu.js';

// Entry of the probing process: exit code 0 means that a hardware adapter answers.
await findAdapter('hardware').then(
  () => process.exit(0),
  () => process.exit(1),
);
