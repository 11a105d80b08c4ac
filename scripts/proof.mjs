// `npm run proof [-- keras|torch|goldens …]`: every network against real Keras (default), or torchvision and timm; what it takes
// is set up first. test/proof/prove.ts is what runs.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, setUp } from './setup.mjs';

setUp({ builds: ['server'] });
const prove = join(ROOT, 'dist', 'test', 'proof', 'prove.js');
const { status } = spawnSync(process.execPath, [prove, ...process.argv.slice(2)], { cwd: ROOT, stdio: 'inherit' });
process.exitCode = status ?? 1;
