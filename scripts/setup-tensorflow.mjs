// `npm run setup:tensorflow [-- --gpu] [-- --wheel FILE] [-- --cache DIR]`: native TensorFlow for training, in var/tensorflow.
// The addon of @tensorflow/tfjs-node-gpu, compiled against the libtensorflow of a Python wheel. It speaks N-API, so one
// build serves Node 20, 22 and 24, and it finds this checkout's own tfjs. Everything happens beside the target; the
// finished folder takes its place at the end.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { placePackage } from './native/packages.mjs';
import { Refusal, runSetUp } from './native/refusal.mjs';
import { makeSafe } from './native/safe-addon.mjs';
import { defaultCacheDir, findPython, lastLine, obtainWheel, unpackWheel } from './native/wheels.mjs';
import { ROOT } from './setup.mjs';

const VERSION = '2.21.0';
/** The same library without and with CUDA 12. */
const WHEELS = {
  cpu: {
    package: 'tensorflow-cpu',
    version: VERSION,
    file: `tensorflow_cpu-${VERSION}-cp312-cp312-manylinux_2_27_x86_64.whl`,
    sha256: 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb',
    bytes: 274_000_871,
    platform: 'manylinux_2_27_x86_64',
  },
  gpu: {
    package: 'tensorflow',
    version: VERSION,
    file: `tensorflow-${VERSION}-cp312-cp312-manylinux_2_27_x86_64.whl`,
    sha256: 'b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0',
    bytes: 572_611_111,
    platform: 'manylinux_2_27_x86_64',
  },
};
const ADDON = '@tensorflow/tfjs-node-gpu';
const BINARY = 'lib/napi-v8/tfjs_binding.node';
const LIBRARIES = { libtensorflow: 'libtensorflow_cc.so.2', libtensorflow_framework: 'libtensorflow_framework.so.2' };
/** The libraries, and the headers of the C interface with what they include. */
const FROM_WHEEL =
  /^tensorflow\/(lib(tensorflow_cc|tensorflow_framework)\.so\.2|include\/(tensorflow\/c\/.*|xla\/tsl\/c\/.*|tensorflow\/core\/platform\/ctstring\w*|tsl\/platform\/ctstring\w*)\.h)$/;

const NO_GPU =
  'It sees no GPU and computes on the CPU: it needs the NVIDIA driver, CUDA 12 and cuDNN 9 where programs look for libraries (LD_LIBRARY_PATH).';

/** What the environment tells TensorFlow before it is loaded, unless it says otherwise already. */
const SETTINGS = {
  // It tells on stderr what processor it found, each time; warnings and errors stay.
  TF_CPP_MIN_LOG_LEVEL: '1',
  // Of a GPU's memory it takes what it needs, not all: others may compute there.
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  // An op computes on the thread that calls it: workers share a batch, each on a core.
  TF_NUM_INTRAOP_THREADS: '1',
  // Its convolutions by oneDNN on every processor: by itself TensorFlow takes them only where there is VNNI or AMX.
  TF_ENABLE_ONEDNN_OPTS: '1',
};

const VAR = join(ROOT, 'var');
const TARGET = join(VAR, 'tensorflow');
const UNFINISHED = '.tensorflow-';

await runSetUp('setup:tensorflow', async () => {
  const { gpu = false, wheel: given, cache = defaultCacheDir() } = readOptions();
  const kind = gpu ? 'gpu' : 'cpu';
  if (
    process.platform !== 'linux' ||
    process.arch !== 'x64' ||
    !process.report.getReport().header.glibcVersionRuntime
  ) {
    throw new Refusal(
      'PLATFORM_UNKNOWN',
      `Native TensorFlow is set up on Linux x64 with glibc; this is ${process.platform} ${process.arch}. Train with backend=wasm or webgpu.`,
    );
  }
  removeLeftovers();
  if (given === undefined && isThere(kind)) return report('is there already');
  // Before a long download, not after it.
  const compiler = findCompiler();
  findPython();
  const wheel = await obtainWheel(WHEELS[kind], { given, cacheDir: cache });
  const dir = join(VAR, `${UNFINISHED}${process.pid}`);
  try {
    rmSync(dir, { recursive: true, force: true });
    build(dir, { wheel, kind, compiler, cacheDir: cache });
    const device = tryOut(dir);
    rmSync(join(VAR, `${UNFINISHED}old`), { recursive: true, force: true });
    if (existsSync(TARGET)) renameSync(TARGET, join(VAR, `${UNFINISHED}old`));
    renameSync(dir, TARGET);
    report(`is set up (${device})`);
    if (gpu && device === 'CPU') console.log(NO_GPU);
  } finally {
    removeLeftovers();
    rmSync(dir, { recursive: true, force: true });
  }
});

function readOptions() {
  const options = { gpu: { type: 'boolean' }, wheel: { type: 'string' }, cache: { type: 'string' } };
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Refusal('USAGE', `${error.message}. Expected [--gpu] [--wheel FILE] [--cache DIR].`);
  }
}

function isThere(kind) {
  const stamp = join(TARGET, 'installed.json');
  if (!existsSync(stamp)) return false;
  const { tensorflow, wheel, isThreadSafe, holdsSignals } = JSON.parse(readFileSync(stamp, 'utf8'));
  if (tensorflow !== VERSION || wheel !== WHEELS[kind].file || !isThreadSafe || !holdsSignals) return false;
  try {
    // What an earlier version of this script made has its settings.
    writeEntries(TARGET, kind);
    tryOut(TARGET);
    return true;
  } catch (error) {
    console.log(`${TARGET} does not work (${error.message}); it is built again`);
    return false;
  }
}

/** Of runs that were killed; a run that goes on keeps its folder. */
function removeLeftovers() {
  mkdirSync(VAR, { recursive: true });
  for (const name of readdirSync(VAR)) {
    if (!name.startsWith(UNFINISHED) || isRunning(Number(name.slice(UNFINISHED.length)))) continue;
    rmSync(join(VAR, name), { recursive: true, force: true });
  }
}

function isRunning(pid) {
  if (!Number.isInteger(pid)) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Lay the folder out: the addon's package, the libraries it loads, the packages it asks for. */
function build(dir, { wheel, kind, compiler, cacheDir }) {
  const home = join(dir, 'package');
  const [sources, headers, lib] = [join(dir, 'wheel'), join(dir, 'node-api'), join(home, 'deps', 'lib')];
  placePackage(ADDON, { into: home, cacheDir, parts: ['package.json', 'dist', 'binding'] });
  makeSafe(join(home, 'binding', 'tfjs_backend.cc'));
  for (const name of ['progress', 'google-protobuf']) {
    placePackage(name, { into: join(dir, 'node_modules', name), cacheDir });
  }
  placePackage('node-api-headers', { into: headers, cacheDir });
  unpackWheel(wheel, { into: sources, matching: FROM_WHEEL });
  mkdirSync(lib, { recursive: true });
  for (const [name, file] of Object.entries(LIBRARIES)) {
    renameSync(join(sources, 'tensorflow', file), join(lib, file));
    symlinkSync(file, join(lib, `${name}.so`));
  }
  compile({ compiler, home, lib, includes: [join(headers, 'include'), join(sources, 'tensorflow', 'include')] });
  rmSync(sources, { recursive: true });
  rmSync(headers, { recursive: true });
  writeEntries(dir, kind);
}

/** Two files against a C interface: a compiler call does it, node-gyp would want make and Node's own headers. */
function compile({ compiler, home, lib, includes }) {
  console.log('compiling the addon …');
  mkdirSync(join(home, BINARY, '..'), { recursive: true });
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(home, 'binding', file));
  const libraries = [`-L${lib}`, '-ltensorflow', '-ltensorflow_framework', '-Wl,-rpath,$ORIGIN/../../deps/lib'];
  const flags = ['-O2', '-std=c++17', '-fPIC', '-shared', '-DNAPI_VERSION=8', ...includes.map((path) => `-I${path}`)];
  const args = [...flags, ...sources, '-o', join(home, BINARY), ...libraries];
  const { status, stderr } = spawnSync(compiler, args, { encoding: 'utf8' });
  if (status === 0) return;
  console.error(stderr);
  throw new Refusal('COMPILE_FAILED', `${compiler} could not compile the addon; its own words are above.`);
}

function findCompiler() {
  const names = process.env.CXX ? [process.env.CXX] : ['c++', 'g++', 'clang++'];
  const found = names.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
  if (found !== undefined) return found;
  throw new Refusal(
    'COMPILER_MISSING',
    `No C++ compiler answers as ${names.join(' or ')}. Install one: apt-get install -y g++; or name yours in CXX.`,
  );
}

/** The addon's package looks its binary up through node-pre-gyp; here there is one place where it can be. */
function writeEntries(dir, kind) {
  const lookup = join(dir, 'node_modules', '@mapbox', 'node-pre-gyp');
  mkdirSync(lookup, { recursive: true });
  const place = `require('node:path').join(packageJson, '..', '${BINARY}')`;
  writeFileSync(join(lookup, 'index.js'), `exports.find = (packageJson) => ${place};\n`);
  const { version: addon } = JSON.parse(readFileSync(join(dir, 'package', 'package.json'), 'utf8'));
  const stamp = { tensorflow: VERSION, addon, wheel: WHEELS[kind].file, isThreadSafe: true, holdsSignals: true };
  writeFileSync(join(dir, 'installed.json'), `${JSON.stringify(stamp, null, 2)}\n`);
  const settings = Object.entries(SETTINGS).map(([name, value]) => `process.env.${name} ??= '${value}';\n`);
  writeFileSync(join(dir, 'addon.cjs'), `${settings.join('')}module.exports = require('./package/${BINARY}');\n`);
  writeFileSync(join(dir, 'index.cjs'), "module.exports = require('./package/dist/index.js');\n");
}

/** Load the binary in a process of its own, which it may take down. @returns {string} CPU or GPU */
function tryOut(dir) {
  const script = `
    const binding = require(process.argv[1]);
    console.log(JSON.stringify({ version: binding.TF_Version, isGpu: binding.isUsingGpuDevice() }));`;
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['-e', script, join(dir, 'addon.cjs')], {
    encoding: 'utf8',
  });
  if (status !== 0) {
    const words = signal === null ? lastLine(stderr) : `it ended by ${signal}`;
    const why = signal === 'SIGILL' ? 'this processor lacks AVX, which TensorFlow needs' : words;
    throw new Refusal('TENSORFLOW_BROKEN', `TensorFlow ${VERSION} does not start on this machine: ${why}.`);
  }
  const { version, isGpu } = JSON.parse(lastLine(stdout));
  if (version !== VERSION) {
    throw new Refusal(
      'TENSORFLOW_VERSION',
      `The addon found TensorFlow ${version}, expected ${VERSION}: another libtensorflow comes first. Look at LD_LIBRARY_PATH.`,
    );
  }
  return isGpu ? 'GPU' : 'CPU';
}

function report(what) {
  console.log(`TensorFlow ${VERSION} ${what} in ${TARGET}; \`backend=auto\` takes it.`);
}
