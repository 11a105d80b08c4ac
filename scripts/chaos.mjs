// `npm run test:chaos [-- --short --only FAMILY … --frames N --seed N --write FILE]`: the failure matrix against real processes.
// What it takes is set up first; test/chaos/run.ts is what runs.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, setUp } from './setup.mjs';

setUp({ builds: ['server'] });
const run = join(ROOT, 'dist', 'test', 'chaos', 'run.js');
const args = ['--test-reporter=spec', run, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
process.exitCode = status ?? 1;
