// `npm test [-- lint|unit|golden|integration|chaos|browser|proof|native|webgpu …]`: sets the checkout up, then runs everything or
// the named parts with Node's own runner. Node 20 takes no globs, so the specs are listed here, from the sources: a
// compiled spec whose source is gone does not run, a spec in no group is an error.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, sep } from 'node:path';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { spec as SpecReporter } from 'node:test/reporters';
import { listFiles, ROOT, setUp } from './setup.mjs';

const CORES = availableParallelism();
/**
 * A part may be several groups; a spec belongs to the first that has its folder. Specs that measure time, or drive a
 * machine as fast as it goes, have it to themselves.
 */
const GROUPS = [
  { name: 'unit', folders: ['config', 'libs', 'apps', 'scripts', 'test/factories', 'test/docs'], concurrency: CORES },
  { name: 'golden', folders: ['test/golden'], concurrency: CORES },
  { name: 'integration', folders: ['test/integration/timed'], concurrency: 1 },
  { name: 'integration', folders: ['test/integration'], concurrency: CORES },
  { name: 'chaos', folders: ['test/chaos'], concurrency: 1 },
  { name: 'browser', folders: ['test/browser'], concurrency: 1, builds: ['page'] },
  { name: 'proof', folders: ['test/proof'], concurrency: 1 },
  { name: 'native', folders: ['test/native'], concurrency: CORES },
  { name: 'webgpu', folders: ['test/webgpu'], concurrency: CORES },
];
const PARTS = ['lint', ...new Set(GROUPS.map(({ name }) => name))];
/** One spec file that hangs must not hang the run. Twice what a suite may take, so that the case that hangs is named. */
const SPEC_TIMEOUT_MS = 600_000;

const wanted = process.argv.slice(2);
const unknown = wanted.filter((part) => !PARTS.includes(part));
if (unknown.length > 0) {
  console.error(`npm test: no part ${unknown.join(', ')}; there are ${PARTS.join(', ')}`);
  process.exit(1);
}
const parts = wanted.length > 0 ? PARTS.filter((part) => wanted.includes(part)) : PARTS;

const total = { passed: 0, failed: 0, skipped: 0, skips: [], failures: [] };
try {
  const groups = GROUPS.filter(({ name }) => parts.includes(name));
  const specs = listSpecs();
  setUp({ builds: ['server', ...new Set(groups.flatMap(({ builds }) => builds ?? []))] });
  if (parts.includes('lint')) lint();
  for (const group of groups) await runGroup(group, specs.get(group) ?? []);
} catch (error) {
  console.error(error.message);
  total.failed += 1;
}
for (const skip of total.skips) console.log(`SKIPPED: ${skip}`);
for (const failure of total.failures) console.log(`FAILED: ${failure}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;

/** Spec files as compiled, by group. */
function listSpecs() {
  const specs = new Map();
  for (const file of ['apps', 'config', 'libs', 'scripts', 'test'].flatMap((folder) => listFiles(join(ROOT, folder)))) {
    const name = relative(ROOT, file).split(sep).join('/');
    if (!/\.spec\.(ts|tsx|mjs)$/.test(name)) continue;
    const group = GROUPS.find(({ folders }) => folders.some((folder) => name.startsWith(`${folder}/`)));
    if (group === undefined) throw new Error(`${name} is in no group of scripts/test.mjs: it would never run`);
    const runnable = name.endsWith('.mjs') ? name : `dist/${name.replace(/\.tsx?$/, '.js')}`;
    specs.set(group, [...(specs.get(group) ?? []), runnable]);
  }
  return specs;
}

function lint() {
  const start = performance.now();
  heading('lint');
  const biome = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const args = [biome, 'check', '--error-on-warnings', '.'];
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) {
    total.failed += 1;
    total.failures.push('lint');
  }
  console.log(`lint: ${status === 0 ? 'passed' : 'failed'} in ${secondsSince(start)}`);
}

/** Run one group, print it as it goes, add it to the total. */
async function runGroup({ name, concurrency }, files) {
  const start = performance.now();
  heading(name);
  const missing = files.filter((file) => !existsSync(join(ROOT, file)));
  if (missing.length > 0) throw new Error(`not compiled: ${missing.join(', ')}; tsconfig.json must include them`);
  const before = { ...total };
  if (files.length > 0) {
    const tests = run({ files: files.map((file) => join(ROOT, file)), concurrency, timeout: SPEC_TIMEOUT_MS });
    tests.on('test:pass', (event) => countPass(event));
    tests.on('test:fail', (event) => countFailure(event));
    const printed = tests.compose(new SpecReporter());
    printed.pipe(process.stdout, { end: false });
    await finished(printed, { writable: false });
  }
  const counts = ['passed', 'failed', 'skipped'].map((key) => `${total[key] - before[key]} ${key}`).join(', ');
  console.log(`${name}: ${counts} in ${secondsSince(start)} (${files.length} files)`);
}

/** A skipped suite counts as one skip: silence would hide all it holds. */
function countPass({ name, skip, todo, details }) {
  if (skip !== undefined || todo !== undefined) {
    total.skipped += 1;
    total.skips.push(typeof skip === 'string' && skip !== '' ? `${name}: ${skip}` : name);
  } else if (details.type !== 'suite') total.passed += 1;
}

/** A suite fails with its tests, which are counted already, unless it broke itself. */
function countFailure({ name, file, details }) {
  if (details.type === 'suite' && details.error?.failureType === 'subtestsFailed') return;
  total.failed += 1;
  const where = file === undefined ? '' : relative(ROOT, file);
  total.failures.push(name === file ? where : `${name} (${where})`);
}

function heading(name) {
  console.log(`\n── ${name} ${'─'.repeat(Math.max(0, 76 - name.length))}`);
}

function secondsSince(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}
