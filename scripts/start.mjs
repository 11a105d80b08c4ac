// `npm start [-- --smoke]`: a demonstration from nothing. Installs and builds what is missing, draws a sample data set,
// trains, promotes, then runs an inspector with its own broker and a simulated line, and prints the page's address.
// What is there already is used again. With --smoke the line runs 200 parts in closed loop, and its figures decide the exit code.
// Node built-ins only: nothing is installed yet.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Children } from './children.mjs';
import { listFiles, ROOT, setUp } from './setup.mjs';
import { takeTurn } from './take-turn.mjs';

const DEMO = join(ROOT, 'var', 'demo');
const DATA = join(DEMO, 'data');
const RUN = join(DEMO, 'run');
const REGISTRY = join(DEMO, 'registry');
const PLAN = join(ROOT, 'config', 'demo-plan.yaml');
/** What the data and the run beside it are made of. */
const BEGUN = join(DEMO, 'begun.json');
/** There from the begin of a training to its end. */
const UNFINISHED = join(RUN, 'checkpoint', 'run.json');
/** Written last: what the model in the registry was made of, and its id. */
const MADE = join(DEMO, 'made.json');

const RECIPE = 'chip';
const STATION = 'demo/site/area/line1/st1';
const SAMPLE = ['--seed', '1', '--count', '800', '--defect-share', '0.5'];
const SMOKE = { frames: 200, defectShare: 0.3, balancedAccuracy: 0.95 };
const DEMO_RATE = 4;
/** With the overkill on new lots well below the alarm on the reject rate, 20 %: a line that always alarms teaches nobody to look. */
const DEMO_DEFECT_SHARE = 0.05;
/** The gate's own window and the inspector's deadline within it. */
const WINDOW_MS = 2_000;
const DEADLINE_MS = 1_500;
const READY_TIMEOUT_MS = 90_000;
/** Who runs in a folder, and where its page is. */
const RUNNING = 'running.json';

const USAGE = 'usage: npm start [-- --smoke]';
const words = process.argv.slice(2);
const isSmoke = words.includes('--smoke');
const children = new Children();

if (words.includes('--help') || words.some((word) => word !== '--smoke')) {
  console.log(USAGE);
  process.exit(words.includes('--help') ? 0 : 1);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal));
// A signal to npm ends npm and its shell and never comes here: we see that they are gone.
if (process.env.npm_lifecycle_event !== undefined) {
  const npm = process.ppid;
  setInterval(() => process.ppid === npm || stop('npm is gone'), 500).unref();
}

/** Until the line is up: two would build, and train, over each other. */
let giveBack = null;
try {
  giveBack = await takeTurn(ROOT);
  if (giveBack === null) {
    throw new Error(
      'another npm start is at work in this folder: it builds, trains or starts its line. Wait for it, or end it first',
    );
  }
  setUp({ builds: isSmoke ? ['server'] : ['server', 'page'] });
  await makeModel();
  process.exitCode = isSmoke ? await runSmoke() : await runDemo();
} catch (error) {
  // A signal that ended an install or a build, for which we wait standing still, is heard of only now: in the turn after this one.
  for (let turn = 0; turn < 2; turn++) await nextTurn();
  // After a signal whatever fails, fails because its program was told to end.
  if (!children.isStopping) {
    console.error(`npm start: ${error.message}`);
    process.exitCode = 1;
  }
}
await children.stop();

/** Data, training and promotion, unless the model of the last time was made of the same. */
async function makeModel() {
  const made = hashMakings();
  if (existsSync(MADE) && existsSync(REGISTRY)) {
    const before = JSON.parse(readFileSync(MADE, 'utf8'));
    if (before.made === made) {
      console.log(`using model ${before.modelId} of ${relative(ROOT, REGISTRY)}`);
      return;
    }
  }
  const card = join(DEMO, 'card.json');
  const where = ['--out', RUN, '--registry', REGISTRY, '--cache', join(DEMO, 'features')];
  const training = ['train', '--data', DATA, '--plan', PLAN, ...where, '--json', card];
  if (!(await goOn(training, made))) {
    for (const stale of [MADE, BEGUN, DATA, RUN]) rmSync(stale, { recursive: true, force: true });
    mkdirSync(DEMO, { recursive: true });
    await lineside('sample-data', '--out', DATA, ...SAMPLE);
    await lineside('models', 'init', '--demo', '--registry', REGISTRY);
    writeFileSync(BEGUN, JSON.stringify({ made }));
    await lineside(...training);
  }
  const modelId = JSON.parse(readFileSync(card, 'utf8')).id;
  await lineside('promote', modelId, '--recipe', RECIPE, '--registry', REGISTRY, '--by', 'demo');
  writeFileSync(MADE, JSON.stringify({ made, modelId }));
}

/** Go on with a training that was stopped. @returns whether there was one, of the same, that came to its end now */
async function goOn(training, made) {
  const isOfSame = existsSync(UNFINISHED) && existsSync(BEGUN) && JSON.parse(readFileSync(BEGUN, 'utf8')).made === made;
  if (!isOfSame) return false;
  console.log('going on with the training that was stopped');
  const { code } = await children.run([...training, '--resume']);
  if (children.isStopping) throw new Error('stopping');
  // Another backend by now, say: its own words are above.
  if (code !== 0) console.log('it cannot go on: beginning anew');
  return code === 0;
}

/** The plan, the wanted data, the program that draws it, the form of a card: another of these asks for another model. */
function hashMakings() {
  const hash = createHash('sha256').update(readFileSync(PLAN)).update(JSON.stringify(SAMPLE));
  const simulator = join(ROOT, 'apps', 'simulator', 'src');
  const card = join(ROOT, 'libs', 'model', 'src', 'card.ts');
  for (const file of [card, join(simulator, 'sample-data.ts'), ...listFiles(join(simulator, 'part'))]) {
    hash.update(readFileSync(file));
  }
  return hash.digest('hex');
}

async function lineside(...args) {
  const { code, signal } = await children.run(args);
  if (code === 0) return;
  throw new Error(`lineside ${args[0]} ended with ${signal ?? `exit code ${code}`}; its own words are above`);
}

async function runDemo() {
  const cameras = ['cam1', 'cam2'];
  await refuseSecond(DEMO);
  const ports = { page: await choosePort(3000, 'the page'), broker: await choosePort(1883, 'the broker') };
  const inspector = await startInspector({ cameras, ports, dir: DEMO });
  const simulator = children.start(
    'simulator',
    [
      ...['simulate', '--broker', brokerUrl(ports), '--station', STATION, '--window', String(WINDOW_MS)],
      ...cameras.flatMap((camera) => ['--camera', camera]),
      ...['--rate', String(DEMO_RATE), '--defect-share', String(DEMO_DEFECT_SHARE)],
      ...['--seed', String(Math.floor(Date.now() / 1000) % 1_000_000)],
    ],
    DEMO,
  );
  console.log(`\nThe line is live: http://127.0.0.1:${ports.page}   (broker ${brokerUrl(ports)}, Ctrl-C ends it)\n`);
  const first = await Promise.race([inspector.ended, simulator.ended]);
  if (children.isStopping) return 0;
  throw new Error(
    `the ${first.name} ended by itself with ${first.signal ?? `exit code ${first.code}`}: see ${first.log}`,
  );
}

async function runSmoke() {
  const ports = { page: await freePort(0), broker: await freePort(0) };
  const dir = join(DEMO, 'smoke');
  await refuseSecond(dir);
  rmSync(dir, { recursive: true, force: true });
  const inspector = await startInspector({ cameras: ['cam1'], ports, dir });
  const report = join(dir, 'tally.json');
  const simulator = children.start(
    'simulator',
    [
      ...['simulate', '--broker', brokerUrl(ports), '--station', STATION, '--window', String(WINDOW_MS)],
      ...['--camera', 'cam1', '--closed-loop', '--frames', String(SMOKE.frames)],
      ...['--defect-share', String(SMOKE.defectShare), '--json', report],
    ],
    dir,
  );
  const first = await Promise.race([inspector.ended, simulator.ended]);
  if (children.isStopping) return 1;
  if (first.name === 'inspector' || !existsSync(report)) {
    throw new Error(explainEnd(first));
  }
  await children.stop();
  const tally = JSON.parse(readFileSync(report, 'utf8'));
  const { received, pass, fail, inconclusive, missed, overkill, lost, balancedAccuracy } = tally;
  const isGood = lost === 0 && received === SMOKE.frames && balancedAccuracy >= SMOKE.balancedAccuracy;
  const verdict = isGood ? 'enough' : `expected at least ${SMOKE.balancedAccuracy} and every verdict`;
  console.log(`balanced accuracy ${balancedAccuracy?.toFixed(4)} against the truth of the parts: ${verdict}`);
  console.log(
    `smoke received=${received} pass=${pass} fail=${fail} inconclusive=${inconclusive} missed=${missed} overkill=${overkill} lost=${lost}`,
  );
  return isGood ? 0 : 1;
}

/** Start the inspector and wait until every camera is READY. */
async function startInspector({ cameras, ports, dir }) {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, 'inspector.json');
  const config = {
    inspector: { id: 'inspector1', station: STATION, mode: 'simulation', dataDir: join(dir, 'inspector') },
    registry: { dir: REGISTRY },
    cameras: cameras.map((name) => ({ name, recipe: RECIPE })),
    recipes: [{ name: RECIPE, deadlineMs: DEADLINE_MS }],
    broker: { url: 'embedded', embeddedPort: ports.broker },
    inference: { workers: Math.max(1, availableParallelism() - 1) },
    http: { port: ports.page },
  };
  writeFileSync(join(dir, RUNNING), JSON.stringify({ pid: process.pid, page: ports.page }));
  // JSON is YAML.
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`);
  const inspector = children.start('inspector', ['inspector', '--config', file], dir);
  let hasEnded = false;
  inspector.ended.then(() => {
    hasEnded = true;
  });
  const end = performance.now() + READY_TIMEOUT_MS;
  while (!hasEnded && performance.now() < end) {
    if (await answers(ports.page, 'ready')) {
      giveBack();
      return inspector;
    }
    await sleep(100);
  }
  if (hasEnded) throw new Error(explainEnd(await inspector.ended));
  throw new Error(`the inspector was not READY within ${READY_TIMEOUT_MS / 1000} s: see ${inspector.log}`);
}

function explainEnd({ name, code, signal, log }) {
  const words = readFileSync(join(ROOT, log), 'utf8').trim().split('\n').slice(-5).join('\n  ');
  return `the ${name} ended by itself with ${signal ?? `exit code ${code}`}. Last words in ${log}:\n  ${words}`;
}

/** Two inspectors must not write one ledger. What a killed run left behind does not count. */
async function refuseSecond(dir) {
  const file = join(dir, RUNNING);
  if (!existsSync(file)) return;
  const { pid, page } = JSON.parse(readFileSync(file, 'utf8'));
  if (await answers(page, 'live')) {
    throw new Error(`it runs already on http://127.0.0.1:${page} (process ${pid}); end that one first`);
  }
}

function answers(port, question) {
  return fetch(`http://127.0.0.1:${port}/health/${question}`).then(
    (answer) => answer.ok,
    // Nobody listens yet.
    () => false,
  );
}

function brokerUrl(ports) {
  return `mqtt://127.0.0.1:${ports.broker}`;
}

/** The usual port, or one from the system when somebody has it. */
async function choosePort(usual, what) {
  const port = await freePort(usual).catch((error) => {
    if (error.code !== 'EADDRINUSE') throw error;
    return null;
  });
  if (port !== null) return port;
  const other = await freePort(0);
  console.log(`port ${usual} is in use: ${what} is on ${other} instead`);
  return other;
}

function freePort(wanted) {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** A signal from a person or a supervisor: end the children, then ourselves. A second one changes nothing. */
async function stop(signal) {
  if (children.isStopping) return;
  console.log(`\n${signal}: stopping`);
  await children.stop();
  if (existsSync(UNFINISHED)) console.log('the next npm start goes on with this training');
  process.exit(isSmoke ? 1 : 0);
}
