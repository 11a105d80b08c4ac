import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Finding, gap, ok } from './finding.js';
import { type Answer, ask, LOAD_TIMEOUT_MS } from './questions.js';

const SET_UP = 'npm run setup:tensorflow';
const run = promisify(execFile);

export async function findTensorFlow(): Promise<Finding[]> {
  return describeTensorFlow(await ask('tensorflow', LOAD_TIMEOUT_MS));
}

/** What was answered, and where TensorFlow is missing also what its set-up needs. */
export async function describeTensorFlow(answer: Answer<'tensorflow'>): Promise<Finding[]> {
  const about = 'TensorFlow';
  if (answer.ok) {
    const { version, device, isThreadSafe } = answer.value;
    if (device === 'GPU' || isThreadSafe) return [ok(about, `${version}, ${device}`)];
    return [gap(about, `${version}, ${device}, one worker`, `A worker per core trains faster: run ${SET_UP} again.`)];
  }
  const found = answer.code === 'TENSORFLOW_MISSING' ? 'not set up' : answer.message;
  return [gap(about, found, `Training is faster with it: ${SET_UP}.`), ...(await findTools())];
}

/** What `setup:tensorflow` cannot do without. */
const TOOLS = [
  { about: 'Python', program: 'python3', needs: 'Python 3 with pip' },
  { about: 'compiler', program: 'c++', needs: 'a C++ compiler' },
];

async function findTools(): Promise<Finding[]> {
  return Promise.all(
    TOOLS.map(async ({ about, program, needs }) => {
      const version = await run(program, ['--version'], { timeout: LOAD_TIMEOUT_MS }).then(
        ({ stdout, stderr }) => (stdout || stderr).split('\n')[0] ?? program,
        () => null,
      );
      return version === null
        ? gap(about, `no ${program}`, `${SET_UP} needs ${needs}: install it first.`)
        : ok(about, version);
    }),
  );
}

export async function findBackend(): Promise<Finding[]> {
  return describeBackend(await ask('backend', LOAD_TIMEOUT_MS));
}

export function describeBackend(answer: Answer<'backend'>): Finding[] {
  const about = 'training';
  if (!answer.ok) return [gap(about, answer.message, 'No model can be trained here; a line runs all the same.')];
  const { name, device, passedOver } = answer.value;
  const found = `backend=auto takes ${name}: ${device}`;
  if (passedOver.length === 0) return [ok(about, found)];
  return [gap(about, found, `Passed over: ${passedOver.join(' ')}`)];
}
